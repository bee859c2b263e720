// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

interface IRouter {
    function swapExactTokensForTokens(uint256 amount, uint256 least, address[] calldata path, address to, uint256 deadline)
        external
        returns (uint256[] memory);
}

/// Games in which whoever is seen first loses.
contract Visible {
    mapping(address => mapping(address => uint256)) private allowance;
    bytes32 private immutable riddle;
    uint256 private prize;
    address private owner;
    bool private solved;
    IRouter private immutable router;

    constructor(bytes32 riddle_, IRouter router_) payable {
        riddle = riddle_;
        router = router_;
        owner = msg.sender;
        prize = msg.value;
    }

    function approve(address spender, uint256 amount) external returns (bool) { // expect: front-running/approve-race
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function solve(string calldata solution) external {
        require(keccak256(bytes(solution)) == riddle, "wrong"); // expect: front-running/public-secret
        require(!solved, "solved before");
        solved = true;
        payable(msg.sender).transfer(prize); // expect: front-running/order-dependent-payment
    }

    function setPrize(uint256 amount) external {
        require(msg.sender == owner, "not the owner");
        prize = amount;
    }

    function exchange(uint256 amount, address[] calldata path) external {
        router.swapExactTokensForTokens(amount, 0, path, msg.sender, block.timestamp); // expect: front-running/missing-slippage-limit
    }
}
