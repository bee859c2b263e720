// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AIS} from "../../src/solidity/AIS.sol";
import {Bonds} from "../../src/solidity/Bonds.sol";
import {amountWithin, vm, within} from "./Case.sol";

/// Three holders and two operators, in any order: bonds, notices, withdrawals and slashing, while AIS are minted and burned.
contract Holders {
    bytes32 private constant POOL = bytes32(uint256(0x7070));
    address public constant INJURED = address(0x1213);
    AIS public immutable ais;
    Bonds public immutable bonds;

    address[] public holders = [address(0xADA), address(0xB0B), address(0xC0C)];
    bytes32[] public operators = [bytes32(uint256(0x09E8)), bytes32(uint256(0x09E9))];

    /// All that was minted, and all that was burned by slashing or otherwise.
    uint256 public minted;
    uint256 public burned;

    struct Waiting {
        address holder;
        bytes32 operator;
        uint64 number;
    }
    Waiting[] private _waiting;

    constructor() {
        ais = new AIS(address(this));
        bonds = new Bonds(POOL, ais, address(this));
        for (uint256 i = 0; i < holders.length; ++i) {
            vm.prank(holders[i]);
            ais.approve(address(bonds), type(uint256).max);
            mint(i, 1e12);
        }
    }

    function mint(uint256 who, uint256 amount) public {
        amount = amountWithin(amount, 0, 1e17);
        try ais.mint(_holder(who), amount) {
            minted += amount;
        } catch {}
    }

    function burn(uint256 who, uint256 amount) external {
        address holder = _holder(who);
        amount = within(amount, 0, ais.balanceOf(holder));
        vm.prank(holder);
        ais.burn(amount);
        burned += amount;
    }

    function bond(uint256 who, uint256 operator, uint256 amount) external {
        address holder = _holder(who);
        uint256 has = ais.balanceOf(holder);
        if (has == 0) return;
        vm.prank(holder);
        bonds.bond(_operator(operator), amountWithin(amount, 1, has));
    }

    function giveNotice(uint256 who, uint256 which, uint256 amount) external {
        (address holder, bytes32 operator) = (_holder(who), _operator(which));
        (, uint128 counts) = bonds.bondOf(operator, holder);
        if (counts == 0) return;
        vm.prank(holder);
        _waiting.push(Waiting(holder, operator, bonds.giveNotice(operator, amountWithin(amount, 1, counts))));
    }

    /// Also before it is time, and also again.
    function withdraw(uint256 which, uint256 waited) external {
        if (_waiting.length == 0) return;
        vm.warp(block.timestamp + within(waited, 0, 14 days));
        Waiting memory notice = _waiting[within(which, 0, _waiting.length - 1)];
        vm.prank(notice.holder);
        try bonds.withdraw(notice.operator, notice.number) {} catch {}
    }

    function slash(uint256 who, uint256 which, uint256 amount, uint256 part) external {
        (address holder, bytes32 operator) = (_holder(who), _operator(which));
        (uint128 bonded, ) = bonds.bondOf(operator, holder);
        if (bonded == 0) return;
        uint128 lost = amountWithin(amount, 1, bonded);
        uint128 compensation = amountWithin(part, 0, lost);
        bonds.slash(operator, holder, lost, INJURED, compensation);
        burned += lost - compensation;
    }

    function _holder(uint256 which) private view returns (address) {
        return holders[within(which, 0, holders.length - 1)];
    }

    function _operator(uint256 which) private view returns (bytes32) {
        return operators[within(which, 0, operators.length - 1)];
    }
}

contract BondsInvariants {
    Holders private holders = new Holders();

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(holders);
    }

    function invariant_holdsWhatIsBondedAndCountsWhatIsNotUnderNotice() external view {
        Bonds bonds = holders.bonds();
        uint256 all = 0;
        for (uint256 i = 0; i < 2; ++i) {
            bytes32 operator = holders.operators(i);
            uint256 counting = 0;
            for (uint256 j = 0; j < 3; ++j) {
                (uint128 bonded, uint128 counts) = bonds.bondOf(operator, holders.holders(j));
                vm.assertLe(counts, bonded);
                counting += counts;
                all += bonded;
            }
            vm.assertEq(bonds.counting(operator), counting);
        }
        vm.assertEq(holders.ais().balanceOf(address(bonds)), all);
    }

    function invariant_aisAreNeverMoreThanTheCapNorLost() external view {
        AIS ais = holders.ais();
        vm.assertLe(ais.totalSupply(), ais.CAP());
        vm.assertEq(ais.totalSupply(), holders.minted() - holders.burned());
    }
}
