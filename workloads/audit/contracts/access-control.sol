// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

/// A wallet with every door open.
contract OpenWallet {
    address private owner;
    IToken private immutable token;

    constructor(IToken token_) payable {
        owner = msg.sender;
        token = token_;
    }

    function initialize(address newOwner) external { // expect: access-control/unprotected-privilege
        owner = newOwner; // expect: short-addresses/missing-zero-check
    }

    function payOut(address payable to, uint256 amount) external {
        require(tx.origin == owner, "not the owner"); // expect: access-control/tx-origin
        to.transfer(amount);
    }

    function empty() external {
        payable(msg.sender).transfer(address(this).balance); // expect: access-control/unprotected-withdrawal
    }

    function end() external {
        selfdestruct(payable(msg.sender)); // expect: access-control/unprotected-selfdestruct
    }

    function run(address code, bytes calldata data) external {
        (bool ok, ) = code.delegatecall(data); // expect: access-control/controlled-delegatecall
        require(ok, "failed");
    }

    function collect(address from, uint256 amount) external {
        require(token.transferFrom(from, address(this), amount), "not collected"); // expect: access-control/arbitrary-transfer-from
    }

    function poke(uint256 slot, uint256 value) external {
        assembly {
            sstore(slot, value) // expect: access-control/arbitrary-storage-write
        }
    }

    function actFor(address signer, bytes32 hash, uint8 v, bytes32 r, bytes32 s) external view returns (bool) {
        return ecrecover(hash, v, r, s) == signer; // expect: access-control/unchecked-signature
    }
}
