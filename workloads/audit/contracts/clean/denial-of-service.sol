// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Everyone fetches their own, and loops have an end.
contract Unstoppable {
    address private leader;
    uint256 private highestBid;
    mapping(address => uint256) private refunds;
    uint256[8] private slots;

    function bid() external payable {
        require(msg.value > highestBid, "too low");
        refunds[leader] += highestBid;
        leader = msg.sender;
        highestBid = msg.value;
    }

    function fetch() external {
        uint256 amount = refunds[msg.sender];
        refunds[msg.sender] = 0;
        payable(msg.sender).transfer(amount);
    }

    function clear() external {
        for (uint256 i = 0; i < 8; i++) {
            slots[i] = 0;
        }
    }
}
