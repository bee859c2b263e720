// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Lotteries that the caller can compute.
contract Lottery {
    address[] private players;
    address private winner;
    uint256 private seed;

    function join() external {
        players.push(msg.sender);
    }

    function draw() external {
        winner = players[uint256(keccak256(abi.encode(block.timestamp, block.number))) % players.length]; // expect: bad-randomness/weak-randomness
    }

    function reseed() external {
        seed = uint256(blockhash(block.number - 1)); // expect: bad-randomness/weak-randomness
    }

    function flip() external view returns (bool) {
        uint256 beacon = block.prevrandao; // expect: bad-randomness/weak-randomness
        return beacon > seed;
    }

    function result() external view returns (address) {
        return winner;
    }
}
