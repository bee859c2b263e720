// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Ether comes in, and its owner gets it out.
contract Purse {
    address private immutable owner;
    uint256 private total;

    constructor() {
        owner = msg.sender;
    }

    receive() external payable {
        total += msg.value;
    }

    function take(uint256 amount) external {
        require(msg.sender == owner, "not the owner");
        require(address(this).balance >= amount, "too much");
        total -= amount;
        payable(owner).transfer(amount);
    }

    function labelOf(string calldata name, string calldata kind) external pure returns (bytes32) {
        return keccak256(abi.encode(name, kind));
    }
}
