// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// A bank that pays before it writes its books.
contract HastyBank {
    mapping(address => uint256) private balances;
    mapping(address => bool) private hasClaimed;

    function deposit() external payable {
        balances[msg.sender] += msg.value;
    }

    function withdraw() external {
        uint256 amount = balances[msg.sender];
        require(amount > 0, "nothing to withdraw");
        (bool sent, ) = msg.sender.call{value: amount}(""); // expect: reentrancy/reentrancy
        require(sent, "not sent");
        balances[msg.sender] = 0;
    }

    function claimBonus() external {
        require(!hasClaimed[msg.sender], "claimed before");
        pay(payable(msg.sender), 1 ether);
        hasClaimed[msg.sender] = true;
    }

    function pay(address payable receiver, uint256 amount) private {
        (bool sent, ) = receiver.call{value: amount}(""); // expect: reentrancy/reentrancy
        require(sent, "not sent");
    }
}
