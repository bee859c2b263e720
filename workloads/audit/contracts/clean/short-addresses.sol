// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Reads its arguments by hand, once it knows that they came.
contract Counted {
    mapping(address => uint256) private balances;
    address private admin;

    constructor(address admin_) {
        require(admin_ != address(0), "no administrator");
        admin = admin_;
        balances[admin_] = 1_000_000;
    }

    fallback() external {
        require(msg.data.length == 68, "incomplete");
        address to;
        uint256 amount;
        assembly {
            to := calldataload(4)
            amount := calldataload(36)
        }
        require(balances[msg.sender] >= amount, "too much");
        balances[msg.sender] -= amount;
        balances[to] += amount;
    }
}
