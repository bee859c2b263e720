// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AIS} from "../../src/solidity/AIS.sol";
import {Bonds} from "../../src/solidity/Bonds.sol";
import {amountWithin, vm, within} from "./Case.sol";
import {HostileToken} from "./HostileToken.sol";

contract BondsTest {
    bytes32 private constant POOL = bytes32(uint256(0x7070));
    bytes32 private constant OPERATOR = bytes32(uint256(0x09E8));
    address private constant ADA = address(0xADA);
    address private constant BOB = address(0xB0B);
    address private constant INJURED = address(0x1213);

    AIS private ais = new AIS(address(this));
    Bonds private bonds = new Bonds(POOL, ais, address(this));
    HostileToken private hostile = new HostileToken();
    Bonds private ofHostile = new Bonds(POOL, AIS(address(hostile)), address(this));

    function setUp() public {
        for (uint256 i = 0; i < 2; ++i) {
            address holder = i == 0 ? ADA : BOB;
            ais.mint(holder, 100e9);
            vm.prank(holder);
            ais.approve(address(bonds), type(uint256).max);
        }
    }

    function _bond(address holder, uint128 amount) private {
        vm.prank(holder);
        bonds.bond(OPERATOR, amount);
    }

    function _giveNotice(address holder, uint128 amount) private returns (uint64) {
        vm.prank(holder);
        return bonds.giveNotice(OPERATOR, amount);
    }

    function _withdraw(address holder, uint64 number) private {
        vm.prank(holder);
        bonds.withdraw(OPERATOR, number);
    }

    function _assertBond(address holder, uint256 bonded, uint256 counts) private view {
        (uint128 has, uint128 counting) = bonds.bondOf(OPERATOR, holder);
        vm.assertEq(has, bonded);
        vm.assertEq(counting, counts);
    }

    function testFuzz_keepsEachHoldersBondApartAndCountsAllForTheOperator(uint256 one, uint256 other) public {
        (uint128 adas, uint128 bobs) = (amountWithin(one, 1, 50e9), amountWithin(other, 1, 100e9));
        vm.expectEmit(address(bonds));
        emit Bonds.Bonded(OPERATOR, ADA, adas);
        _bond(ADA, adas);
        _bond(BOB, bobs);
        _bond(ADA, adas);
        _assertBond(ADA, 2 * uint256(adas), 2 * uint256(adas));
        _assertBond(BOB, bobs, bobs);
        vm.assertEq(bonds.counting(OPERATOR), 2 * uint256(adas) + bobs);
        vm.assertEq(ais.balanceOf(address(bonds)), 2 * uint256(adas) + bobs);
    }

    function testFuzz_whatIsUnderNoticeStopsCountingAtOnceAndIsPaidInTwoWeeks(uint256 some, uint256 early) public {
        _bond(ADA, 60e9);
        uint128 amount = amountWithin(some, 1, 60e9);
        uint256 given = block.timestamp;
        vm.expectEmit(address(bonds));
        emit Bonds.NoticeGiven(OPERATOR, ADA, 0, amount, uint64(given) + 14 days);
        uint64 number = _giveNotice(ADA, amount);
        _assertBond(ADA, 60e9, 60e9 - amount);
        vm.assertEq(bonds.counting(OPERATOR), 60e9 - amount);

        vm.warp(within(early, given, given + 14 days - 1));
        vm.expectRevert(abi.encodeWithSelector(Bonds.NoticeNotOver.selector, given + 14 days));
        _withdraw(ADA, number);
        vm.warp(given + 14 days);
        vm.expectEmit(address(bonds));
        emit Bonds.Withdrawn(OPERATOR, ADA, number, amount);
        _withdraw(ADA, number);
        _assertBond(ADA, 60e9 - amount, 60e9 - amount);
        vm.assertEq(ais.balanceOf(ADA), 40e9 + amount);
        vm.assertEq(bonds.counting(OPERATOR), 60e9 - amount);
    }

    function test_paysANoticeOnceToWhoeverHasGivenIt() public {
        _bond(ADA, 60e9);
        _bond(BOB, 60e9);
        uint64 number = _giveNotice(ADA, 20e9);
        vm.assertEq(bonds.noticeOf(OPERATOR, ADA, number).amount, 20e9);
        vm.warp(block.timestamp + 14 days);
        vm.expectRevert(abi.encodeWithSelector(Bonds.NoSuchNotice.selector, number));
        _withdraw(BOB, number);
        _withdraw(ADA, number);
        vm.expectRevert(abi.encodeWithSelector(Bonds.NoSuchNotice.selector, number));
        _withdraw(ADA, number);
        vm.expectRevert(abi.encodeWithSelector(Bonds.NoSuchNotice.selector, number + 1));
        _withdraw(ADA, number + 1);
    }

    function testFuzz_noMoreIsUnderNoticeThanThereIs(uint256 one, uint256 other) public {
        _bond(ADA, 60e9);
        uint128 first = amountWithin(one, 1, 60e9);
        _giveNotice(ADA, first);
        uint128 over = amountWithin(other, 60e9 - first + 1, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(Bonds.MoreThanCounts.selector, 60e9 - first, over));
        _giveNotice(ADA, over);
        vm.expectRevert(abi.encodeWithSelector(Bonds.MoreThanCounts.selector, 0, 1));
        _giveNotice(BOB, 1);
    }

    function test_severalNoticesArePaidEachAtItsTime() public {
        _bond(ADA, 60e9);
        uint256 start = block.timestamp;
        uint64 first = _giveNotice(ADA, 10e9);
        vm.warp(start + 3 days);
        uint64 second = _giveNotice(ADA, 25e9);
        vm.warp(start + 14 days);
        _withdraw(ADA, first);
        vm.expectRevert(abi.encodeWithSelector(Bonds.NoticeNotOver.selector, start + 17 days));
        _withdraw(ADA, second);
        vm.warp(start + 17 days);
        _withdraw(ADA, second);
        vm.assertEq(ais.balanceOf(ADA), 75e9);
        _assertBond(ADA, 25e9, 25e9);
    }

    function testFuzz_slashingCompensatesTheInjuredAndBurnsTheRest(uint256 some, uint256 part) public {
        _bond(ADA, 60e9);
        _bond(BOB, 30e9);
        uint128 amount = amountWithin(some, 1, 60e9);
        uint128 compensation = amountWithin(part, 0, amount);
        vm.expectEmit(address(bonds));
        emit Bonds.Slashed(OPERATOR, ADA, amount, INJURED, compensation);
        bonds.slash(OPERATOR, ADA, amount, INJURED, compensation);
        _assertBond(ADA, 60e9 - amount, 60e9 - amount);
        _assertBond(BOB, 30e9, 30e9);
        vm.assertEq(bonds.counting(OPERATOR), 90e9 - amount);
        vm.assertEq(ais.balanceOf(INJURED), compensation);
        vm.assertEq(ais.totalSupply(), 200e9 - (amount - compensation));
    }

    function test_slashingWithoutAnybodyInjuredBurnsAll() public {
        _bond(ADA, 60e9);
        bonds.slash(OPERATOR, ADA, 60e9, address(0), 0);
        vm.assertEq(ais.totalSupply(), 140e9);
        _assertBond(ADA, 0, 0);
    }

    function testFuzz_whatIsUnderNoticeCanStillBeLost(uint256 some) public {
        _bond(ADA, 60e9);
        uint64 number = _giveNotice(ADA, 50e9);
        uint128 amount = amountWithin(some, 1, 60e9);
        bonds.slash(OPERATOR, ADA, amount, INJURED, 0);
        uint256 left = 60e9 - amount;
        _assertBond(ADA, left, left > 50e9 ? left - 50e9 : 0);
        vm.warp(block.timestamp + 14 days);
        _withdraw(ADA, number);
        uint256 paid = left < 50e9 ? left : 50e9;
        vm.assertEq(ais.balanceOf(ADA), 40e9 + paid);
        _assertBond(ADA, left - paid, left - paid);
        _bond(ADA, 5e9); // nothing of the notice is left to count against it
        vm.assertEq(bonds.counting(OPERATOR), left - paid + 5e9);
    }

    function testFuzz_noMoreIsSlashedThanThereIs(uint256 some) public {
        _bond(ADA, 60e9);
        _bond(BOB, 60e9);
        uint128 over = amountWithin(some, 60e9 + 1, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(Bonds.MoreThanBonded.selector, 60e9, over));
        bonds.slash(OPERATOR, ADA, over, INJURED, 0);
    }

    function testFuzz_noMoreIsCompensatedThanIsSlashed(uint256 some, uint256 more) public {
        _bond(ADA, 60e9);
        _bond(BOB, 60e9);
        uint128 amount = amountWithin(some, 1, 60e9);
        uint128 over = amountWithin(more, amount + 1, type(uint128).max);
        vm.expectRevert(abi.encodeWithSelector(Bonds.MoreThanSlashed.selector, amount, over));
        bonds.slash(OPERATOR, ADA, amount, INJURED, over);
    }

    function testFuzz_nobodyElseSlashes(address stranger) public {
        vm.assume(stranger != address(this));
        _bond(ADA, 60e9);
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        bonds.slash(OPERATOR, ADA, 1, stranger, 1);
    }

    function test_anotherSlasherMustAccept() public {
        bonds.transferOwnership(ADA);
        vm.assertEq(bonds.owner(), address(this));
        vm.prank(ADA);
        bonds.acceptOwnership();
        vm.assertEq(bonds.owner(), ADA);
    }

    function test_refusesNobodyAndNothing() public {
        vm.expectRevert(Bonds.NoPool.selector);
        new Bonds(0, ais, address(this));
        vm.expectRevert(Bonds.NoOperator.selector);
        vm.prank(ADA);
        bonds.bond(0, 1);
        vm.expectRevert(Bonds.NoAmount.selector);
        _bond(ADA, 0);
        vm.expectRevert(Bonds.NoAmount.selector);
        _giveNotice(ADA, 0);
        vm.expectRevert(Bonds.NoAmount.selector);
        bonds.slash(OPERATOR, ADA, 0, INJURED, 0);
    }

    function test_takesOnlyWhatTheSenderHas() public {
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, ADA, 100e9, 100e9 + 1));
        _bond(ADA, 100e9 + 1);
    }

    function test_aTokenThatDoesNotPayChangesNoBond() public {
        ofHostile.bond(OPERATOR, 5e9);
        ofHostile.giveNotice(OPERATOR, 5e9);
        vm.warp(block.timestamp + 14 days);
        hostile.refuse();
        bytes memory failed = abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile));
        vm.expectRevert(failed);
        ofHostile.bond(OPERATOR, 5e9);
        vm.expectRevert(failed);
        ofHostile.withdraw(OPERATOR, 0);
        vm.expectRevert(failed);
        ofHostile.slash(OPERATOR, address(this), 5e9, INJURED, 5e9);
    }

    function test_aTokenThatWithdrawsWithinAWithdrawalGetsNothingMore() public {
        hostile.callWithinTransfer(address(ofHostile), abi.encodeCall(Bonds.bond, (OPERATOR, 5e9)));
        ofHostile.bond(OPERATOR, 5e9); // the token itself has a bond now too
        vm.prank(address(hostile));
        ofHostile.giveNotice(OPERATOR, 5e9);
        vm.warp(block.timestamp + 14 days);
        hostile.callWithinTransfer(address(ofHostile), abi.encodeCall(Bonds.withdraw, (OPERATOR, 0)));
        vm.prank(address(hostile));
        ofHostile.withdraw(OPERATOR, 0);
        vm.assertTrue(!hostile.reentered());
        vm.assertTrue(bytes4(hostile.answer()) == Bonds.NoSuchNotice.selector);
        vm.assertEq(hostile.received(address(hostile)), 5e9);
    }
}
