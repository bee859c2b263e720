// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Reads its arguments by hand, and does not ask how many came.
contract ByHand {
    mapping(address => uint256) private balances;
    address private admin;

    constructor(address admin_) {
        admin = admin_; // expect: short-addresses/missing-zero-check
        balances[admin_] = 1_000_000;
    }

    fallback() external {
        address to;
        uint256 amount;
        assembly {
            to := calldataload(4) // expect: short-addresses/short-address
            amount := calldataload(36)
        }
        require(balances[msg.sender] >= amount, "too much");
        balances[msg.sender] -= amount;
        balances[to] += amount;
    }

    function administrator() external view returns (address) {
        return admin;
    }
}
