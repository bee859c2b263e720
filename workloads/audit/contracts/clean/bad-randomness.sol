// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Hashes and remainders that are no games of chance.
contract Ledger {
    mapping(bytes32 => address) private orders;
    uint256 private nonce;

    function place(uint256 amount) external returns (bytes32 id) {
        id = keccak256(abi.encode(msg.sender, amount, nonce++, block.timestamp));
        orders[id] = msg.sender;
    }

    function shardOf(bytes32 id) external pure returns (uint256) {
        return uint256(id) % 16;
    }

    function dayStart() external view returns (uint256) {
        return block.timestamp - (block.timestamp % 1 days);
    }
}
