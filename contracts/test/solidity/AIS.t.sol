// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {ERC20Capped} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Capped.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {AIS} from "../../src/solidity/AIS.sol";
import {amountWithin, vm} from "./Case.sol";

contract AISTest {
    AIS private ais = new AIS(address(this));
    address private constant ADA = address(0xADA);

    function test_itsUnitIsANanoAis() public view {
        vm.assertEq(ais.decimals(), 9);
        vm.assertEq(ais.cap(), 100_000_000 * 10 ** ais.decimals());
    }

    function testFuzz_neverMoreThanTheCap(uint256 first, uint256 second) public {
        uint256 some = amountWithin(first, 0, ais.CAP());
        ais.mint(ADA, some);
        uint256 more = amountWithin(second, ais.CAP() - some + 1, type(uint128).max);
        bytes memory tooMany = abi.encodeWithSelector(ERC20Capped.ERC20ExceededCap.selector, some + more, ais.CAP());
        vm.expectRevert(tooMany);
        ais.mint(ADA, more);
        vm.assertEq(ais.totalSupply(), some);
    }

    function testFuzz_nobodyElseMints(address stranger) public {
        vm.assume(stranger != address(this));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        ais.mint(stranger, 1);
    }

    function test_anotherMinterMustAccept() public {
        ais.transferOwnership(ADA);
        vm.assertEq(ais.owner(), address(this));
        vm.prank(ADA);
        ais.acceptOwnership();
        vm.assertEq(ais.owner(), ADA);
    }

    function testFuzz_whatIsBurnedIsNoMore(uint256 amount) public {
        uint256 burned = amountWithin(amount, 0, 1e17);
        ais.mint(ADA, 1e17);
        vm.prank(ADA);
        ais.burn(burned);
        vm.assertEq(ais.totalSupply(), 1e17 - burned);
        vm.assertEq(ais.balanceOf(ADA), 1e17 - burned);
    }

    function testFuzz_aSignatureApprovesOnce(uint256 key, uint256 amount) public {
        key = amountWithin(key, 1, type(uint128).max);
        address owner = vm.addr(key);
        bytes32 kind = keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
        bytes32 said = keccak256(abi.encode(kind, owner, ADA, amount, 0, block.timestamp));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", ais.DOMAIN_SEPARATOR(), said))
        );
        ais.permit(owner, ADA, amount, block.timestamp, v, r, s);
        vm.assertEq(ais.allowance(owner, ADA), amount);
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        ais.permit(owner, ADA, amount, block.timestamp, v, r, s);
    }
}
