// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";

/// Which addresses sign for which operators of one pool. Contracts cannot check the Ed25519 signatures of an enrolment, so somebody
/// who can, the registrar (this contract's owner), copies enrolments from the pool's log: whoever relies on this contract trusts them.
contract AgentRegistry is Ownable2Step {
    /// The pool's Ed25519 key.
    bytes32 public immutable pool;

    /// In the place of an operator whose agent is revoked, for ever. No Ed25519 key: its y is not below the field's order.
    bytes32 private constant REVOKED = bytes32(type(uint256).max);

    mapping(address signer => bytes32 operatorOrRevoked) private _operators;

    event Registered(address indexed signer, bytes32 indexed operator);
    event Revoked(address indexed signer, bytes32 indexed operator);

    error NoSigner();
    error NoOperator(bytes32 operator);
    error AlreadyKnown(address signer);
    error NotRegistered(address signer);

    constructor(bytes32 poolKey, address registrar) Ownable(registrar) {
        pool = poolKey;
    }

    /// Takes an agent's address up for its operator. An address has one operator, and never another.
    /// @param operator the operator's Ed25519 key
    function register(address signer, bytes32 operator) external onlyOwner {
        if (signer == address(0)) revert NoSigner();
        if (operator == 0 || operator == REVOKED) revert NoOperator(operator);
        if (_operators[signer] != 0) revert AlreadyKnown(signer);
        _operators[signer] = operator;
        emit Registered(signer, operator);
    }

    /// What the address signs, and has ever signed, counts no more. There is no way back.
    function revoke(address signer) external onlyOwner {
        bytes32 operator = operatorOf(signer);
        if (operator == 0) revert NotRegistered(signer);
        _operators[signer] = REVOKED;
        emit Revoked(signer, operator);
    }

    /// The operator for whom an address signs; 0 where there is none, or it is revoked.
    function operatorOf(address signer) public view returns (bytes32) {
        bytes32 operator = _operators[signer];
        return operator == REVOKED ? bytes32(0) : operator;
    }

    /// As `operatorOf`, of many: calls between contracts cost more than what is looked up.
    function operatorsOf(address[] calldata signers) external view returns (bytes32[] memory operators) {
        operators = new bytes32[](signers.length);
        for (uint256 i = 0; i < signers.length; ++i) operators[i] = operatorOf(signers[i]);
    }
}
