// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {AgentRegistry} from "../AgentRegistry.sol";
import {Result} from "../QuorumVerifier.sol";

/// What one would write with OpenZeppelin's parts alone, to measure ours against: each signature beside its signer, a look-up for each, and
/// every operator compared with all before.
contract PlainLoop is EIP712("Aegis Pool", "1") {
    AgentRegistry private immutable _registry;

    constructor(AgentRegistry registry) {
        _registry = registry;
    }

    function verify(
        Result calldata result,
        uint256 quorum,
        address[] calldata signers,
        bytes[] calldata signatures
    ) external view {
        require(signers.length >= quorum, "too few");
        bytes32[] memory operators = new bytes32[](signers.length);
        for (uint256 i = 0; i < signers.length; ++i) {
            require(SignatureChecker.isValidSignatureNow(signers[i], digestOf(result), signatures[i]), "not signed");
            operators[i] = _registry.operatorOf(signers[i]);
            require(operators[i] != 0, "not a signer");
            for (uint256 j = 0; j < i; ++j) require(operators[i] != operators[j], "twice");
        }
    }

    function digestOf(Result calldata result) public view returns (bytes32) {
        bytes32 kind = keccak256(
            "Result(bytes32 program,bytes32 shared,bytes32 input,uint64 memoryBytes,bytes32 engine,bytes32 result)"
        );
        return _hashTypedDataV4(keccak256(abi.encode(kind, result)));
    }
}
