// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// The same doors, each with a lock.
contract LockedWallet {
    address private owner;
    address private pendingOwner;
    mapping(address => bool) private isOperator;
    IToken private immutable token;

    constructor(IToken token_) payable {
        owner = msg.sender;
        token = token_;
    }

    modifier onlyOwner() {
        checkOwner();
        _;
    }

    function checkOwner() private view {
        address caller = msg.sender;
        if (caller != owner) revert("not the owner");
    }

    function offerOwnership(address to) external onlyOwner {
        pendingOwner = to;
    }

    function acceptOwnership() external {
        require(msg.sender == pendingOwner, "not offered");
        owner = msg.sender;
        pendingOwner = address(0);
    }

    function setOperator(address operator, bool allowed) external onlyOwner {
        isOperator[operator] = allowed;
    }

    function payOut(address payable to, uint256 amount) external {
        require(isOperator[msg.sender], "no operator");
        to.transfer(amount);
    }

    function end() external onlyOwner {
        payable(owner).transfer(address(this).balance);
    }

    function collect(uint256 amount) external {
        require(token.transferFrom(msg.sender, address(this), amount), "not collected");
    }

    function isSignedBy(address signer, bytes32 hash, uint8 v, bytes32 r, bytes32 s) external pure returns (bool) {
        address found = ecrecover(hash, v, r, s);
        return found != address(0) && found == signer;
    }
}
