// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Counts that wrap around.
contract Points {
    mapping(address => uint256) private points;
    uint64 private deadline;

    function give(address to, uint256 amount) external {
        unchecked {
            points[msg.sender] -= amount; // expect: arithmetic/unchecked-arithmetic
            points[to] += amount; // expect: arithmetic/unchecked-arithmetic
        }
    }

    function setDeadline(uint256 time) external {
        deadline = uint64(time); // expect: arithmetic/unsafe-downcast
    }

    function share(uint256 total, uint256 part) external pure returns (uint256) {
        return (total / 100) * part; // expect: arithmetic/divide-before-multiply
    }

    function pointsOf(address account) external view returns (uint256, uint64) {
        return (points[account], deadline);
    }
}
