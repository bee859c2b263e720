// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.4.24;

/// What compilers before 0.5 let through: they are refused by the compiler here, and still audited.
contract OldWallet {
    struct Payment {
        address to;
        uint amount;
    }

    address owner;
    uint[] codes;
    mapping(address => uint) balances;

    function oldWallet() public { // expect: access-control/wrong-constructor
        owner = msg.sender;
    }

    function deposit() public payable {
        balances[msg.sender] += msg.value; // expect: arithmetic/unchecked-arithmetic
    }

    function send(address to, uint amount) public { // expect: short-addresses/short-address
        require(balances[msg.sender] >= amount);
        balances[msg.sender] -= amount;
        balances[to] += amount;
    }

    function withdraw(uint amount) public {
        if (balances[msg.sender] >= amount) {
            msg.sender.call.value(amount)(); // expect: reentrancy/reentrancy // expect: unchecked-low-level-calls/unchecked-call
            balances[msg.sender] -= amount;
        }
    }

    function record(address to) public {
        Payment payment; // expect: unknown-unknowns/uninitialised-storage
        payment.to = to;
    }

    function dropCode() public {
        codes.length--; // expect: access-control/arbitrary-storage-write
    }

    function() public payable {
        owner.delegatecall(msg.data); // expect: access-control/delegatecall-with-input // expect: unchecked-low-level-calls/unchecked-call
    }
}
