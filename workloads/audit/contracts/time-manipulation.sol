// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Games that one second decides.
contract LuckySecond {
    uint256 private lastPlayed;
    uint256 private immutable end;

    constructor(uint256 end_) payable {
        end = end_;
    }

    function play() external payable {
        require(block.timestamp != lastPlayed, "one game a block"); // expect: time-manipulation/timestamp-dependence
        lastPlayed = block.timestamp;
        if (block.timestamp % 15 == 0) { // expect: time-manipulation/timestamp-dependence
            payable(msg.sender).transfer(1 ether);
        }
    }

    function isOver() external view returns (bool) {
        return block.timestamp >= end; // expect: time-manipulation/timestamp-dependence
    }
}
