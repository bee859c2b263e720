// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {AIS} from "../../src/solidity/AIS.sol";
import {Distributor} from "../../src/solidity/Distributor.sol";
import {amountWithin, vm, within} from "./Case.sol";
import {HostileToken} from "./HostileToken.sol";
import {Tree} from "./Tree.sol";

contract DistributorTest {
    using Tree for bytes32[];

    bytes32 private constant POOL = bytes32(uint256(0x7070));
    address private constant ADA = address(0xADA);
    address private constant BOB = address(0xB0B);
    uint128 private constant MOST = type(uint128).max;

    AIS private ais = new AIS(address(this));
    Distributor private distributor = new Distributor(POOL, ais, address(this));
    HostileToken private hostile = new HostileToken();
    Distributor private ofHostile = new Distributor(POOL, IERC20(address(hostile)), address(this));

    address[] private accounts = [ADA, BOB, address(0xC0C), address(0xD0D), address(0xE0E)];
    uint128[] private cumulative = [uint128(7e9), 5e9, 3e9, 2e9, 1e9];
    bytes32[] private nodes;

    function setUp() public {
        ais.mint(address(distributor), ais.CAP());
        nodes = Tree.nodesOf(accounts, cumulative);
    }

    /// The earnings above, as the first epoch.
    function _post(Distributor to, uint128 total) private {
        to.post(POOL, 7, 0, nodes[0], total);
    }

    function _repost(Distributor to) private returns (bytes32 old) {
        old = nodes[0];
        nodes = Tree.nodesOf(accounts, cumulative);
        to.post(POOL, 8, old, nodes[0], MOST);
    }

    function _claim(uint256 index) private {
        distributor.claim(accounts[index], cumulative[index], nodes[0], nodes.proof(index));
    }

    function _expect(bytes4 selector, uint256 first, uint256 second) private {
        vm.expectRevert(abi.encodeWithSelector(selector, first, second));
    }

    function testFuzz_paysTheAccountWhoeverSends(address sender, uint256 which) public {
        _post(distributor, 18e9);
        uint256 index = within(which, 0, 4);
        bytes32[] memory proof = nodes.proof(index);
        vm.expectEmit(address(ais));
        emit IERC20.Transfer(address(distributor), accounts[index], cumulative[index]);
        vm.prank(sender);
        distributor.claim(accounts[index], cumulative[index], nodes[0], proof);
        vm.assertEq(ais.balanceOf(accounts[index]), cumulative[index]);
        vm.assertEq(distributor.paid(), cumulative[index]);
    }

    function testFuzz_paysWhatWasAddedSinceTheLastClaim(uint256 more) public {
        _post(distributor, 18e9);
        _claim(0);
        uint128 added = amountWithin(more, 1, 1e16);
        cumulative[0] += added;
        _repost(distributor);
        vm.expectEmit(address(ais));
        emit IERC20.Transfer(address(distributor), ADA, added);
        _claim(0);
        vm.assertEq(ais.balanceOf(ADA), cumulative[0]);
        vm.assertEq(distributor.claimed(ADA), cumulative[0]);
    }

    function test_paysAllOfATreeAndNothingTwice() public {
        _post(distributor, 18e9);
        for (uint256 i = 0; i < 5; ++i) {
            _claim(i);
            bytes32[] memory proof = nodes.proof(i);
            _expect(Distributor.NothingToClaim.selector, cumulative[i], cumulative[i]);
            distributor.claim(accounts[i], cumulative[i], nodes[0], proof);
            vm.assertEq(ais.balanceOf(accounts[i]), cumulative[i]);
        }
        vm.assertEq(distributor.paid(), distributor.total());
    }

    function testFuzz_paysNothingWhereATreeSaysLessThanWasClaimed(uint256 lower) public {
        _post(distributor, 18e9);
        _claim(0);
        cumulative[0] = amountWithin(lower, 0, 7e9);
        _repost(distributor);
        bytes32[] memory proof = nodes.proof(0);
        _expect(Distributor.NothingToClaim.selector, 7e9, cumulative[0]);
        distributor.claim(ADA, cumulative[0], nodes[0], proof);
    }

    function testFuzz_refusesAForgedAmount(uint128 forged) public {
        vm.assume(forged != cumulative[0]);
        _post(distributor, MOST);
        bytes32[] memory proof = nodes.proof(0);
        _expect(Distributor.NotInTheTree.selector, uint160(ADA), forged);
        distributor.claim(ADA, forged, nodes[0], proof);
    }

    function testFuzz_refusesAWrongProof(uint256 place, uint8 bit) public {
        _post(distributor, MOST);
        bytes32[] memory proof = nodes.proof(0);
        proof[within(place, 0, proof.length - 1)] ^= bytes32(uint256(1) << bit);
        _expect(Distributor.NotInTheTree.selector, uint160(ADA), cumulative[0]);
        distributor.claim(ADA, cumulative[0], nodes[0], proof);
    }

    function testFuzz_refusesAnotherAccountsProof(address thief) public {
        vm.assume(thief != ADA);
        _post(distributor, MOST);
        bytes32[] memory proof = nodes.proof(0);
        _expect(Distributor.NotInTheTree.selector, uint160(thief), cumulative[0]);
        vm.prank(thief);
        distributor.claim(thief, cumulative[0], nodes[0], proof);
    }

    function test_refusesAnInnerNodeAsALeaf() public {
        // a tree of leaves that are hashed once has the node above them, left and right, as a leaf of its own
        bytes32 left = bytes32(uint256(uint160(ADA)));
        bytes32 right = bytes32(uint256(9e9));
        distributor.post(POOL, 7, 0, keccak256(bytes.concat(left, right)), MOST);
        bytes32 root = distributor.root();
        _expect(Distributor.NotInTheTree.selector, uint160(ADA), 9e9);
        distributor.claim(ADA, 9e9, root, new bytes32[](0));
    }

    function test_saysThatTheRootHasChangedMeanwhile() public {
        _post(distributor, 18e9);
        bytes32[] memory proof = nodes.proof(0);
        bytes32 old = nodes[0];
        cumulative[1] += 1;
        _repost(distributor);
        vm.expectRevert(abi.encodeWithSelector(Distributor.RootChanged.selector, nodes[0], old));
        distributor.claim(ADA, cumulative[0], old, proof);
        _expect(Distributor.NotInTheTree.selector, uint160(ADA), cumulative[0]);
        distributor.claim(ADA, cumulative[0], nodes[0], proof);
    }

    function testFuzz_neverPaysMoreThanTheTotal(uint128 total) public {
        _post(distributor, total);
        uint256 paid = 0;
        for (uint256 i = 0; i < 5; ++i) {
            bytes32[] memory proof = nodes.proof(i);
            bool over = paid + cumulative[i] > total;
            if (over) _expect(Distributor.MoreThanTotal.selector, paid + cumulative[i], total);
            else paid += cumulative[i];
            distributor.claim(accounts[i], cumulative[i], nodes[0], proof);
        }
        vm.assertEq(distributor.paid(), paid);
    }

    function test_doesNotCountOverTheEndOfAnAmount() public {
        cumulative[0] = cumulative[1] = MOST;
        nodes = Tree.nodesOf(accounts, cumulative);
        _post(ofHostile, MOST);
        ofHostile.claim(ADA, MOST, nodes[0], nodes.proof(0));
        bytes32[] memory proof = nodes.proof(1);
        _expect(Distributor.MoreThanTotal.selector, 2 * uint256(MOST), MOST);
        ofHostile.claim(BOB, MOST, nodes[0], proof);
    }

    function test_aTokenThatClaimsWithinAClaimGetsNothingMore() public {
        _post(ofHostile, MOST);
        bytes memory again = abi.encodeCall(Distributor.claim, (ADA, cumulative[0], nodes[0], nodes.proof(0)));
        hostile.callWithinTransfer(address(ofHostile), again);
        ofHostile.claim(ADA, cumulative[0], nodes[0], nodes.proof(0));
        vm.assertTrue(!hostile.reentered());
        vm.assertTrue(bytes4(hostile.answer()) == Distributor.NothingToClaim.selector);
        vm.assertEq(hostile.received(ADA), cumulative[0]);
    }

    function test_aTokenThatDoesNotPayLeavesTheClaim() public {
        _post(ofHostile, MOST);
        hostile.refuse();
        bytes32[] memory proof = nodes.proof(0);
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(hostile)));
        ofHostile.claim(ADA, cumulative[0], nodes[0], proof);
        vm.assertEq(ofHostile.claimed(ADA), 0);
    }

    function testFuzz_takesAnyFirstEpochAndThenAnyLaterOne(uint256 first, uint256 later, bytes32 root, uint128 total) public {
        vm.assume(root != 0);
        uint64 number = uint64(within(first, 0, type(uint64).max - 1));
        uint64 next = uint64(within(later, uint256(number) + 1, type(uint64).max));
        vm.expectEmit(address(distributor));
        emit Distributor.Posted(number, root, total);
        distributor.post(POOL, number, 0, root, total);
        distributor.post(POOL, next, root, root, total);
        vm.assertEq(distributor.epoch(), next);
        vm.assertEq(distributor.root(), root);
        vm.assertEq(distributor.total(), total);
    }

    function testFuzz_refusesAnEpochThatIsNotLater(uint256 any) public {
        uint64 number = uint64(within(any, 0, 7));
        _post(distributor, 18e9);
        _expect(Distributor.NotALaterEpoch.selector, 7, number);
        distributor.post(POOL, number, nodes[0], nodes[0], 18e9);
    }

    function test_hasNoEpochAfterTheLast() public {
        uint64 last = type(uint64).max;
        distributor.post(POOL, last, 0, nodes[0], 1);
        _expect(Distributor.NotALaterEpoch.selector, last, 0);
        distributor.post(POOL, 0, nodes[0], nodes[0], 1);
        _expect(Distributor.NotALaterEpoch.selector, last, last);
        distributor.post(POOL, last, nodes[0], nodes[0], 1);
    }

    function test_paysWhatEpochsThatWereLeftOutHaveEarned() public {
        _post(distributor, 18e9);
        _claim(0);
        (cumulative[0], cumulative[1]) = (11e9, 9e9);
        bytes32 old = nodes[0];
        nodes = Tree.nodesOf(accounts, cumulative);
        distributor.post(POOL, 1_000, old, nodes[0], MOST);
        _claim(0);
        _claim(1);
        vm.assertEq(ais.balanceOf(ADA), 11e9);
        vm.assertEq(ais.balanceOf(BOB), 9e9);
    }

    function testFuzz_refusesARootThatFollowsAnother(bytes32 previous) public {
        vm.assume(previous != 0 && previous != nodes[0]);
        vm.expectRevert(abi.encodeWithSelector(Distributor.NotTheLastRoot.selector, bytes32(0), previous));
        distributor.post(POOL, 7, previous, nodes[0], 18e9);
        _post(distributor, 18e9);
        vm.expectRevert(abi.encodeWithSelector(Distributor.NotTheLastRoot.selector, nodes[0], previous));
        distributor.post(POOL, 8, previous, nodes[0], 18e9);
        vm.expectRevert(abi.encodeWithSelector(Distributor.NotTheLastRoot.selector, nodes[0], bytes32(0)));
        distributor.post(POOL, 8, 0, nodes[0], 18e9);
    }

    function testFuzz_refusesATotalThatShrinks(uint256 less) public {
        _post(distributor, 18e9);
        uint128 smaller = amountWithin(less, 0, 18e9 - 1);
        _expect(Distributor.TotalShrinks.selector, 18e9, smaller);
        distributor.post(POOL, 8, nodes[0], nodes[0], smaller);
    }

    function testFuzz_refusesAnotherPool(bytes32 other) public {
        vm.assume(other != POOL);
        vm.expectRevert(abi.encodeWithSelector(Distributor.NotThisPool.selector, other));
        distributor.post(other, 7, 0, nodes[0], 18e9);
    }

    function test_refusesNoRootAndNoPool() public {
        vm.expectRevert(Distributor.NoRoot.selector);
        distributor.post(POOL, 7, 0, 0, 18e9);
        vm.expectRevert(Distributor.NoPool.selector);
        new Distributor(0, ais, address(this));
    }

    function testFuzz_nobodyElsePosts(address stranger) public {
        vm.assume(stranger != address(this));
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, stranger));
        vm.prank(stranger);
        distributor.post(POOL, 7, 0, nodes[0], 18e9);
    }

    function test_anotherPosterMustAccept() public {
        distributor.transferOwnership(ADA);
        vm.assertEq(distributor.owner(), address(this));
        vm.prank(ADA);
        distributor.acceptOwnership();
        vm.assertEq(distributor.owner(), ADA);
    }

    function test_refusesEveryClaimBeforeThereIsARoot() public {
        _expect(Distributor.NotInTheTree.selector, uint160(ADA), 1);
        distributor.claim(ADA, 1, 0, new bytes32[](0));
    }
}
