// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// An auction and a refund that one participant can stop.
contract Stoppable {
    address payable private leader;
    uint256 private highestBid;
    address payable[] private investors;
    mapping(address => uint256) private invested;

    function bid() external payable {
        require(msg.value > highestBid, "too low");
        if (leader != address(0)) {
            leader.transfer(highestBid); // expect: denial-of-service/blocking-payment
        }
        leader = payable(msg.sender);
        highestBid = msg.value;
    }

    function invest() external payable {
        investors.push(payable(msg.sender));
        invested[msg.sender] += msg.value;
    }

    function refundAll() external {
        for (uint256 i = 0; i < investors.length; i++) { // expect: denial-of-service/unbounded-loop
            uint256 amount = invested[investors[i]];
            invested[investors[i]] = 0;
            investors[i].transfer(amount); // expect: denial-of-service/call-in-loop
        }
    }
}
