// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AIS} from "./AIS.sol";

/// What operators of one pool answer for their work with. Anybody may put up a bond for an operator, and has it apart from what others have
/// put up: nobody can prove here that an Ed25519 key is theirs, and so nobody can take an operator's place either. What is under notice stops
/// counting at once, and can be lost until it is withdrawn. The rules are those of packages/core/src/ledger/bonds.ts. This contract's owner,
/// the pool, decides what is slashed: whoever puts up a bond trusts it with that. All amounts are in nAIS.
contract Bonds is Ownable2Step {
    using SafeERC20 for AIS;

    /// What one holder has put up for one operator.
    struct Bond {
        uint128 bonded;
        /// Under notice, also what has been slashed of it meanwhile.
        uint128 leaving;
        uint64 notices;
        mapping(uint64 number => Notice) notice;
    }

    struct Notice {
        uint128 amount;
        /// In seconds since 1970.
        uint64 payableAt;
    }

    /// Between notice and withdrawal.
    uint64 public constant NOTICE = 14 days;

    /// The pool's Ed25519 key.
    bytes32 public immutable pool;
    AIS public immutable token;

    /// What counts for an operator: all that is put up for it and not under notice.
    mapping(bytes32 operator => uint256) public counting;

    mapping(bytes32 operator => mapping(address holder => Bond)) private _bonds;

    event Bonded(bytes32 indexed operator, address indexed holder, uint128 amount);
    event NoticeGiven(
        bytes32 indexed operator,
        address indexed holder,
        uint64 number,
        uint128 amount,
        uint64 payableAt
    );
    event Withdrawn(bytes32 indexed operator, address indexed holder, uint64 number, uint128 amount);
    event Slashed(
        bytes32 indexed operator,
        address indexed holder,
        uint128 amount,
        address indexed injured,
        uint128 compensation
    );

    error NoPool();
    error NoOperator();
    error NoAmount();
    error MoreThanCounts(uint128 counts, uint128 amount);
    error NoSuchNotice(uint64 number);
    error NoticeNotOver(uint64 payableAt);
    error MoreThanBonded(uint128 bonded, uint128 amount);
    error MoreThanSlashed(uint128 amount, uint128 compensation);

    /// @param slasher slashes, as this contract's owner
    constructor(bytes32 poolKey, AIS bondedIn, address slasher) Ownable(slasher) {
        if (poolKey == 0) revert NoPool();
        pool = poolKey;
        token = bondedIn;
    }

    /// Adds what the sender has approved to its bond for an operator.
    /// @param operator the operator's Ed25519 key
    function bond(bytes32 operator, uint128 amount) external {
        if (operator == 0) revert NoOperator();
        if (amount == 0) revert NoAmount();
        Bond storage own = _bonds[operator][msg.sender];
        _set(operator, own, own.bonded + amount, own.leaving);
        emit Bonded(operator, msg.sender, amount);
        token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// The sender wants so much of its bond back: it counts no more, and is withdrawn after `NOTICE`.
    /// @return number by which it is withdrawn; each holder's are counted from 0 for each operator
    function giveNotice(bytes32 operator, uint128 amount) external returns (uint64 number) {
        if (amount == 0) revert NoAmount();
        Bond storage own = _bonds[operator][msg.sender];
        uint128 counts = _counts(own.bonded, own.leaving);
        if (amount > counts) revert MoreThanCounts(counts, amount);
        number = own.notices++;
        uint64 payableAt = uint64(block.timestamp) + NOTICE;
        own.notice[number] = Notice(amount, payableAt);
        _set(operator, own, own.bonded, own.leaving + amount);
        emit NoticeGiven(operator, msg.sender, number, amount, payableAt);
    }

    /// Pays the sender for a notice that is over: what it is for, or what slashing has left of it.
    function withdraw(bytes32 operator, uint64 number) external {
        Bond storage own = _bonds[operator][msg.sender];
        Notice memory given = own.notice[number];
        if (given.amount == 0) revert NoSuchNotice(number);
        if (block.timestamp < given.payableAt) revert NoticeNotOver(given.payableAt);
        uint128 amount = given.amount < own.bonded ? given.amount : own.bonded;
        delete own.notice[number];
        _set(operator, own, own.bonded - amount, own.leaving - given.amount);
        emit Withdrawn(operator, msg.sender, number, amount);
        token.safeTransfer(msg.sender, amount);
    }

    /// Takes a part of a bond, under notice or not: compensates who was injured, and burns the rest.
    /// @param compensation the part of `amount` that goes to `injured`
    function slash(
        bytes32 operator,
        address holder,
        uint128 amount,
        address injured,
        uint128 compensation
    ) external onlyOwner {
        if (amount == 0) revert NoAmount();
        if (compensation > amount) revert MoreThanSlashed(amount, compensation);
        Bond storage lost = _bonds[operator][holder];
        if (amount > lost.bonded) revert MoreThanBonded(lost.bonded, amount);
        _set(operator, lost, lost.bonded - amount, lost.leaving);
        emit Slashed(operator, holder, amount, injured, compensation);
        if (compensation != 0) token.safeTransfer(injured, compensation);
        token.burn(amount - compensation);
    }

    /// What one holder has put up for an operator.
    /// @return bonded all of it, which can be slashed
    /// @return counts what of it is not under notice
    function bondOf(bytes32 operator, address holder) external view returns (uint128 bonded, uint128 counts) {
        Bond storage held = _bonds[operator][holder];
        return (held.bonded, _counts(held.bonded, held.leaving));
    }

    /// A notice that waits; an amount of 0 where there is none.
    function noticeOf(bytes32 operator, address holder, uint64 number) external view returns (Notice memory) {
        return _bonds[operator][holder].notice[number];
    }

    /// Every change of a bond changes what counts for its operator by as much.
    function _set(bytes32 operator, Bond storage held, uint128 bonded, uint128 leaving) private {
        uint256 before = _counts(held.bonded, held.leaving);
        uint256 then = _counts(bonded, leaving);
        if (then != before) counting[operator] = counting[operator] + then - before;
        (held.bonded, held.leaving) = (bonded, leaving);
    }

    /// Slashing may leave less than what is under notice.
    function _counts(uint128 bonded, uint128 leaving) private pure returns (uint128) {
        return bonded > leaving ? bonded - leaving : 0;
    }
}
