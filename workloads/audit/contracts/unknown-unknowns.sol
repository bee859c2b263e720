// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Takes ether that nobody gets back.
contract MoneyBox {
    uint256 private total;
    int256 private correction;

    function put() external payable { // expect: unknown-unknowns/locked-ether
        total += msg.value;
    }

    function isComplete() external view returns (bool) {
        return address(this).balance == total; // expect: unknown-unknowns/strict-balance
    }

    function correct(uint256 amount) external {
        require(amount > total, "no more");
        correction =- int256(amount); // expect: unknown-unknowns/typing-error
    }

    function labelOf(string calldata name, string calldata kind) external pure returns (bytes32) {
        return keccak256(abi.encodePacked(name, kind)); // expect: unknown-unknowns/packed-hash-collision
    }
}
