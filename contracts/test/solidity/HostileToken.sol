// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A token that pretends: everybody has as much as they like, and each transfer first does what it was told to.
contract HostileToken {
    address private _target;
    bytes private _call;

    /// Whether what it did within a transfer went through, and what it was answered.
    bool public reentered;
    bytes public answer;
    bool public refuses;
    mapping(address account => uint256) public received;

    /// The first transfer that follows makes this call.
    function callWithinTransfer(address target, bytes calldata call) external {
        (_target, _call) = (target, call);
    }

    /// From now on transfers do nothing and say "false", as some old tokens do.
    function refuse() external {
        refuses = true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(to, amount);
    }

    function transferFrom(address, address to, uint256 amount) external returns (bool) {
        return _move(to, amount);
    }

    function _move(address to, uint256 amount) private returns (bool) {
        if (refuses) return false;
        address target = _target;
        _target = address(0);
        if (target != address(0)) (reentered, answer) = target.call(_call);
        received[to] += amount;
        return true;
    }
}
