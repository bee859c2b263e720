// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// A deadline days away does not mind a second.
contract Vesting {
    address private immutable beneficiary;
    uint256 private immutable start;

    constructor(address beneficiary_) payable {
        beneficiary = beneficiary_;
        start = block.timestamp;
    }

    function release() external {
        require(msg.sender == beneficiary, "not the beneficiary");
        require(block.timestamp >= start + 365 days, "too early");
        payable(beneficiary).transfer(address(this).balance);
    }
}
