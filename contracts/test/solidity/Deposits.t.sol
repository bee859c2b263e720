// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AIS} from "../../src/solidity/AIS.sol";
import {Deposits} from "../../src/solidity/Deposits.sol";
import {Distributor} from "../../src/solidity/Distributor.sol";
import {amountWithin, Log, vm} from "./Case.sol";
import {HostileToken} from "./HostileToken.sol";

contract DepositsTest {
    bytes32 private constant POOL = bytes32(uint256(0x7070));
    bytes32 private constant ACCOUNT = bytes32(uint256(0xACC0));
    uint256 private constant ADAS_KEY = 0xADA;
    address private immutable ADA = vm.addr(ADAS_KEY);

    AIS private ais = new AIS(address(this));
    Distributor private distributor = new Distributor(POOL, ais, address(this));
    Deposits private deposits = new Deposits(distributor);
    HostileToken private hostile = new HostileToken();
    Deposits private ofHostile = new Deposits(new Distributor(POOL, IERC20(address(hostile)), address(this)));

    function setUp() public {
        ais.mint(ADA, ais.CAP());
    }

    function _approve(uint256 amount) private {
        vm.prank(ADA);
        ais.approve(address(deposits), amount);
    }

    /// Ada's approval of an amount, for ever.
    function _permit(uint128 amount) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 said = keccak256(abi.encode(kind, ADA, address(deposits), amount, ais.nonces(ADA), type(uint256).max));
        return vm.sign(ADAS_KEY, keccak256(abi.encodePacked(hex"1901", ais.DOMAIN_SEPARATOR(), said)));
    }

    function testFuzz_passesTheTokensOnAndNumbersWhatItTells(bytes32 account, uint256 some, uint256 more) public {
        vm.assume(account != 0);
        uint128[2] memory amounts = [amountWithin(some, 1, 1e16), amountWithin(more, 1, 1e16)];
        _approve(uint256(amounts[0]) + amounts[1]);
        for (uint64 i = 0; i < 2; ++i) {
            vm.expectEmit(address(deposits));
            emit Deposits.Deposited(i, account, ADA, amounts[i]);
            vm.prank(ADA);
            deposits.deposit(account, amounts[i]);
        }
        vm.assertEq(ais.balanceOf(address(distributor)), uint256(amounts[0]) + amounts[1]);
        vm.assertEq(ais.balanceOf(address(deposits)), 0);
        vm.assertEq(deposits.count(), 2);
    }

    function test_refusesNoAccountAndNoAmount() public {
        _approve(5);
        vm.expectRevert(Deposits.NoAccount.selector);
        vm.prank(ADA);
        deposits.deposit(0, 5);
        vm.expectRevert(Deposits.NothingToDeposit.selector);
        vm.prank(ADA);
        deposits.deposit(ACCOUNT, 0);
    }

    function testFuzz_takesOnlyWhatTheSenderHasApproved(uint256 amount, uint256 approved) public {
        uint128 asked = amountWithin(amount, 1, 1e16);
        uint128 less = amountWithin(approved, 0, asked - 1);
        _approve(less);
        bytes4 insufficient = IERC20Errors.ERC20InsufficientAllowance.selector;
        vm.expectRevert(abi.encodeWithSelector(insufficient, address(deposits), less, asked));
        vm.prank(ADA);
        deposits.deposit(ACCOUNT, asked);
    }

    function testFuzz_takesAnApprovalBySignature(uint256 some) public {
        uint128 amount = amountWithin(some, 1, 1e16);
        (uint8 v, bytes32 r, bytes32 s) = _permit(amount);
        vm.prank(ADA);
        deposits.depositWithPermit(ACCOUNT, amount, type(uint256).max, v, r, s);
        vm.assertEq(ais.balanceOf(address(distributor)), amount);
        vm.assertEq(ais.allowance(ADA, address(deposits)), 0);
    }

    function test_aSignatureThatAnotherHasUsedFirstStillApproves() public {
        (uint8 v, bytes32 r, bytes32 s) = _permit(5e9);
        ais.permit(ADA, address(deposits), 5e9, type(uint256).max, v, r, s);
        vm.prank(ADA);
        deposits.depositWithPermit(ACCOUNT, 5e9, type(uint256).max, v, r, s);
        vm.assertEq(ais.balanceOf(address(distributor)), 5e9);
    }

    function testFuzz_anothersSignatureMovesNothing(address thief) public {
        vm.assume(thief != ADA && thief != address(0) && ais.balanceOf(thief) == 0);
        (uint8 v, bytes32 r, bytes32 s) = _permit(5e9);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        vm.prank(thief);
        deposits.depositWithPermit(ACCOUNT, 5e9, type(uint256).max, v, r, s);
    }

    function test_doesNotTellOfWhatATokenHasNotPaid() public {
        hostile.refuse();
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile)));
        ofHostile.deposit(ACCOUNT, 5e9);
    }

    function test_givesNoNumberTwiceWhereATokenDepositsWithinADeposit() public {
        hostile.callWithinTransfer(address(ofHostile), abi.encodeCall(Deposits.deposit, (ACCOUNT, 3e9)));
        vm.recordLogs();
        ofHostile.deposit(ACCOUNT, 5e9);
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 2);
        for (uint256 i = 0; i < 2; ++i) vm.assertEq(uint256(logs[i].topics[1]), i);
        vm.assertEq(ofHostile.count(), 2);
    }
}
