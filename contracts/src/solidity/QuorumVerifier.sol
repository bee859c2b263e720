// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {AgentRegistry} from "./AgentRegistry.sol";

/// What agents say they have computed: this program, given this, gives this. Hashes are SHA-256 of plaintext.
/// packages/core/src/verification/certificate/result-statement.ts says what each is of.
struct Result {
    bytes32 program;
    bytes32 shared;
    bytes32 input;
    uint64 memoryBytes;
    bytes32 engine;
    bytes32 result;
}

/// Checks that agents of enough different operators of one pool have signed a result.
contract QuorumVerifier {
    /// No task has more runs; without a bound a caller could be made to pay for any number of signatures.
    uint256 public constant MOST_SIGNERS = 32;
    uint256 private constant SIGNATURE_BYTES = 65;

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,bytes32 salt)");
    bytes32 private constant RESULT_TYPE =
        keccak256(
            "Result(bytes32 program,bytes32 shared,bytes32 input,uint64 memoryBytes,bytes32 engine,bytes32 result)"
        );
    bytes32 private constant NAME = keccak256("Aegis Pool");
    bytes32 private constant VERSION = keccak256("1");

    AgentRegistry public immutable registry;
    bytes32 public immutable pool;

    error NoQuorum();
    error SignaturesCut(uint256 length);
    error TooManySigners(uint256 signers);
    error TooFewSigners(uint256 signers, uint256 quorum);
    error NotASigner(address signer);
    error OperatorsNotAscending(bytes32 before, bytes32 operator);

    constructor(AgentRegistry agents) {
        registry = agents;
        pool = agents.pool();
    }

    /// Reverts unless `quorum` operators or more have signed the result; returns what they have signed, which names it.
    /// @param quorum how many operators must have signed, 1 or more
    /// @param signatures 65 bytes r||s||v each, one after another, in the ascending order of their operators' keys, so that none comes twice
    function verify(
        Result calldata result,
        uint256 quorum,
        bytes calldata signatures
    ) external view returns (bytes32 digest) {
        uint256 count = signatures.length / SIGNATURE_BYTES;
        if (signatures.length % SIGNATURE_BYTES != 0) revert SignaturesCut(signatures.length);
        if (quorum == 0) revert NoQuorum();
        if (count > MOST_SIGNERS) revert TooManySigners(count);
        if (count < quorum) revert TooFewSigners(count, quorum);
        digest = digestOf(result);
        _requireDifferentOperators(_signersOf(digest, signatures, count));
    }

    /// What agents sign: the digest of EIP-712. The chain is the one that this runs on, after a fork too; the domain names no contract,
    /// since that would tell agents who asks.
    function digestOf(Result calldata result) public view returns (bytes32) {
        bytes32 domain = keccak256(abi.encode(DOMAIN_TYPE, NAME, VERSION, block.chainid, pool));
        return MessageHashUtils.toTypedDataHash(domain, keccak256(abi.encode(RESULT_TYPE, result)));
    }

    /// Every signature must hold: r, s and v in range, s in the lower half.
    function _signersOf(
        bytes32 digest,
        bytes calldata signatures,
        uint256 count
    ) private pure returns (address[] memory signers) {
        signers = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            bytes calldata signature = signatures[i * SIGNATURE_BYTES:(i + 1) * SIGNATURE_BYTES];
            signers[i] = ECDSA.recoverCalldata(digest, signature);
        }
    }

    function _requireDifferentOperators(address[] memory signers) private view {
        bytes32[] memory operators = registry.operatorsOf(signers);
        bytes32 before = 0;
        for (uint256 i = 0; i < operators.length; ++i) {
            bytes32 operator = operators[i];
            if (operator == 0) revert NotASigner(signers[i]);
            if (operator <= before) revert OperatorsNotAscending(before, operator);
            before = operator;
        }
    }
}
