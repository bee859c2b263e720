// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Believes every payment that it sends.
contract Trusting {
    mapping(address => uint256) private owed;
    address payable private treasury;

    constructor(address payable treasury_) payable {
        treasury = treasury_;
    }

    function deposit() external payable {
        owed[msg.sender] += msg.value;
    }

    function payOut() external {
        uint256 amount = owed[msg.sender];
        owed[msg.sender] = 0;
        payable(msg.sender).send(amount); // expect: unchecked-low-level-calls/unchecked-call
    }

    function report(bytes calldata news) external {
        treasury.call(news); // expect: unchecked-low-level-calls/unchecked-call
    }

    function donate(uint256 amount) external {
        require(owed[msg.sender] >= amount, "too much");
        owed[msg.sender] -= amount;
        (bool sent, ) = treasury.call{value: amount}(""); // expect: unchecked-low-level-calls/unchecked-call
    }
}
