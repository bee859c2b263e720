// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ResultOracle} from "./ResultOracle.sol";

/// Holds a deposit until an oracle has its answer: the one that was hoped for pays the beneficiary, any other goes back to the depositor.
contract Escrow {
    ResultOracle public immutable oracle;
    bytes32 public immutable hopedFor;
    address payable public immutable depositor;
    address payable public immutable beneficiary;

    error NoAnswerYet();
    error NotPaid(address to);

    /// @param hopedFor_ the SHA-256 of the answer's tagged bytes
    constructor(ResultOracle oracle_, bytes32 hopedFor_, address payable beneficiary_) payable {
        oracle = oracle_;
        hopedFor = hopedFor_;
        depositor = payable(msg.sender);
        beneficiary = beneficiary_;
    }

    function release() external {
        bytes memory answer = oracle.answer();
        if (answer.length == 0) revert NoAnswerYet();
        address payable to = sha256(answer) == hopedFor ? beneficiary : depositor;
        (bool paid, ) = to.call{value: address(this).balance}("");
        if (!paid) revert NotPaid(to);
    }
}
