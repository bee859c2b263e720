// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Bounded where it is unchecked.
contract BoundedPoints {
    mapping(address => uint256) private points;
    uint64 private deadline;

    function give(address to, uint256 amount) external {
        uint256 balance = points[msg.sender];
        require(balance >= amount, "too much");
        unchecked {
            points[msg.sender] = balance - amount;
        }
        points[to] += amount;
    }

    function setDeadline(uint256 time) external {
        require(time <= type(uint64).max, "too late");
        deadline = uint64(time);
    }

    function share(uint256 total, uint256 part) external pure returns (uint256) {
        return (total * part) / 100;
    }
}
