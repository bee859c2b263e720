// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Writes its books before it pays, or lets nobody in twice.
contract CarefulBank {
    mapping(address => uint256) private balances;
    bool private entered;

    modifier nonReentrant() {
        require(!entered, "entered");
        entered = true;
        _;
        entered = false;
    }

    function deposit() external payable {
        balances[msg.sender] += msg.value;
    }

    function withdraw() external {
        uint256 amount = balances[msg.sender];
        balances[msg.sender] = 0;
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "not sent");
    }

    function withdrawLocked() external nonReentrant {
        uint256 amount = balances[msg.sender];
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "not sent");
        balances[msg.sender] = 0;
    }

    function withdrawEither(bool all) external {
        if (all) {
            uint256 amount = balances[msg.sender];
            balances[msg.sender] = 0;
            (bool sent, ) = msg.sender.call{value: amount}("");
            require(sent, "not sent");
            return;
        }
        balances[msg.sender] -= 1;
        payable(msg.sender).transfer(1);
    }
}
