// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Commit first, reveal later; change allowances by differences.
contract Committed {
    mapping(address => mapping(address => uint256)) private allowance;
    mapping(address => bytes32) private commitments;
    bytes32 private immutable riddle;
    bool private solved;

    constructor(bytes32 riddle_) payable {
        riddle = riddle_;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        require(amount == 0 || allowance[msg.sender][spender] == 0, "reset it first");
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function commit(bytes32 commitment) external {
        commitments[msg.sender] = commitment;
    }

    function reveal(bytes32 solution) external {
        require(keccak256(abi.encode(solution, msg.sender)) == commitments[msg.sender], "not committed");
        require(keccak256(abi.encode(solution, msg.sender)) != riddle && !solved, "solved before");
        solved = true;
        payable(msg.sender).transfer(1 ether);
    }
}
