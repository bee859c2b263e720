// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {QuorumVerifier, Result} from "@aegis-pool/contracts/QuorumVerifier.sol";

/// Answers one question, given when it is made: what does this program make of this input? It believes a quorum of operators and nobody
/// else. Anybody may bring the answer: what is signed says all.
contract ResultOracle {
    QuorumVerifier public immutable verifier;
    uint256 public immutable quorum;
    bytes32 public immutable program;
    bytes32 public immutable input;
    uint64 public immutable memoryBytes;

    /// The tagged bytes of the result: 1 and JSON, or 0 and whatever the program has written. Empty until there is an answer.
    bytes public answer;

    event Answered(bytes32 indexed digest, bytes answer);

    error AnotherQuestion();
    error AnotherAnswer();
    error AlreadyAnswered();

    constructor(QuorumVerifier verifier_, uint256 quorum_, bytes32 program_, bytes32 input_, uint64 memoryBytes_) {
        verifier = verifier_;
        quorum = quorum_;
        program = program_;
        input = input_;
        memoryBytes = memoryBytes_;
    }

    /// @param value what `result.result` is the SHA-256 of
    function settle(Result calldata result, bytes calldata value, bytes calldata signatures) external {
        if (answer.length != 0) revert AlreadyAnswered();
        bool isAsked = result.program == program &&
            result.input == input &&
            result.shared == 0 &&
            result.memoryBytes == memoryBytes;
        if (!isAsked) revert AnotherQuestion();
        if (value.length == 0 || sha256(value) != result.result) revert AnotherAnswer();
        bytes32 digest = verifier.verify(result, quorum, signatures);
        answer = value;
        emit Answered(digest, value);
    }
}
