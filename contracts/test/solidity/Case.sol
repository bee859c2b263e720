// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

struct Log {
    bytes32[] topics;
    bytes data;
    address emitter;
}

/// What forge offers its tests, as far as ours use it: they are of no npm package.
interface Vm {
    function prank(address sender) external;
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
    function expectRevert(bytes calldata data) external;
    function expectRevert(bytes4 selector) external;
    /// Whatever the error's arguments.
    function expectPartialRevert(bytes4 selector) external;
    function expectEmit(address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function assertEq(uint256 left, uint256 right) external pure;
    function assertEq(address left, address right) external pure;
    function assertEq(bytes32 left, bytes32 right) external pure;
    function assertLe(uint256 left, uint256 right) external pure;
    function assertTrue(bool condition) external pure;
}

Vm constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

/// `value`, brought into lowest..highest: what is in there already stays as it is.
function within(uint256 value, uint256 lowest, uint256 highest) pure returns (uint256) {
    if (value >= lowest && value <= highest) return value;
    uint256 size = highest - lowest + 1;
    return size == 0 ? value : lowest + (value % size);
}

/// As `within`, of amounts.
function amountWithin(uint256 value, uint256 lowest, uint256 highest) pure returns (uint128) {
    return uint128(within(value, lowest, highest)); // our bounds are all amounts
}
