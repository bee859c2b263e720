// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Distributor} from "./Distributor.sol";

/// Where requesters pay in at one pool. The tokens go on to the pool's distributor, from which operators are paid; the pool sees the event
/// and, after so many blocks as it waits for, credits the account in its ledger. Holds nothing itself. All amounts are in nAIS.
contract Deposits {
    using SafeERC20 for IERC20;

    Distributor public immutable distributor;
    IERC20 public immutable token;

    /// How many deposits there were. They are numbered from 0, so that a pool that reads events sees whether one is missing.
    uint64 public count;

    event Deposited(uint64 indexed index, bytes32 indexed account, address indexed sender, uint128 amount);

    error NoAccount();
    error NothingToDeposit();

    constructor(Distributor paidTo) {
        distributor = paidTo;
        token = paidTo.token();
    }

    /// Pays in what the sender has approved.
    /// @param account the Ed25519 key of the account in the pool's ledger; nothing on chain can tell whether anybody has it
    function deposit(bytes32 account, uint128 amount) public {
        if (account == 0) revert NoAccount();
        if (amount == 0) revert NothingToDeposit();
        emit Deposited(count++, account, msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(distributor), amount);
    }

    /// As `deposit`, with the sender's approval by signature (ERC-2612).
    /// @param deadline until when the signature holds, in seconds since 1970
    function depositWithPermit(
        bytes32 account,
        uint128 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        // whoever sees the signature can use it first; the approval is there all the same then, and the transfer says if not
        try IERC20Permit(address(token)).permit(msg.sender, address(this), amount, deadline, v, r, s) {} catch {}
        deposit(account, amount);
    }
}
