// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// A tree like those that core makes, with its leaves in the order in which they come: proofs do not tell the difference.
library Tree {
    function leaf(address account, uint256 cumulative) internal pure returns (bytes32) {
        return keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
    }

    /// As a heap, the root first.
    function nodesOf(
        address[] memory accounts,
        uint128[] memory cumulative
    ) internal pure returns (bytes32[] memory nodes) {
        uint256 count = accounts.length;
        nodes = new bytes32[](2 * count - 1);
        for (uint256 i = 0; i < count; ++i) nodes[2 * count - 2 - i] = leaf(accounts[i], cumulative[i]);
        for (uint256 i = count - 1; i > 0; --i) {
            nodes[i - 1] = Hashes.commutativeKeccak256(nodes[2 * i - 1], nodes[2 * i]);
        }
    }

    function proof(bytes32[] memory nodes, uint256 index) internal pure returns (bytes32[] memory path) {
        uint256 depth = 0;
        for (uint256 node = nodes.length - 1 - index; node > 0; node = (node - 1) / 2) ++depth;
        path = new bytes32[](depth);
        uint256 current = nodes.length - 1 - index;
        for (uint256 i = 0; i < depth; ++i) {
            path[i] = nodes[current % 2 == 0 ? current - 1 : current + 1];
            current = (current - 1) / 2;
        }
    }
}
