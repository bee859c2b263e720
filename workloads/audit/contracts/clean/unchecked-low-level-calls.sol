// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Asks what became of every payment.
contract Sceptical {
    mapping(address => uint256) private owed;

    function deposit() external payable {
        owed[msg.sender] += msg.value;
    }

    function payOut() external {
        uint256 amount = owed[msg.sender];
        owed[msg.sender] = 0;
        if (!payable(msg.sender).send(amount)) {
            owed[msg.sender] = amount;
        }
    }

    function payOutOrFail() external {
        uint256 amount = owed[msg.sender];
        owed[msg.sender] = 0;
        (bool sent, bytes memory reason) = msg.sender.call{value: amount}("");
        require(sent, string(reason));
    }
}
