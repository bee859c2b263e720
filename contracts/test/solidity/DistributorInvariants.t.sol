// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AIS} from "../../src/solidity/AIS.sol";
import {Distributor} from "../../src/solidity/Distributor.sol";
import {amountWithin, vm, within} from "./Case.sol";
import {Tree} from "./Tree.sol";

/// A pool and its operators, in any order: epochs are earned and posted, some of them left out, sometimes with too small a total, and everything that was ever
/// provable is claimed again and again, or with other amounts.
contract Epochs {
    using Tree for bytes32[];

    bytes32 private constant POOL = bytes32(uint256(0x7070));
    Distributor public immutable distributor;
    AIS private immutable ais;

    address[] public accounts = [address(0xADA), address(0xB0B), address(0xC0C), address(0xD0D)];
    uint128[] public cumulative = [uint128(4e9), 3e9, 2e9, 1e9];

    struct Posted {
        bytes32[] nodes;
        uint128[] cumulative;
    }
    Posted[] private _posted;

    constructor() {
        ais = new AIS(address(this));
        distributor = new Distributor(POOL, ais, address(this));
        ais.mint(address(distributor), ais.CAP());
        post(0, 0, 0, 1);
    }

    function accountCount() external view returns (uint256) {
        return accounts.length;
    }

    /// One account earns; the total says up to that much less than what the tree holds, as a poster's mistake.
    function post(uint256 which, uint256 more, uint256 missing, uint256 later) public {
        cumulative[within(which, 0, accounts.length - 1)] += amountWithin(more, 0, 1e15);
        uint128 total = 0;
        for (uint256 i = 0; i < accounts.length; ++i) total += cumulative[i];
        total -= amountWithin(missing, 0, total / 4);
        if (total < distributor.total()) total = distributor.total();
        _posted.push(Posted(Tree.nodesOf(accounts, cumulative), cumulative));
        bytes32[] storage nodes = _posted[_posted.length - 1].nodes;
        uint64 epoch = distributor.epoch() + uint64(within(later, 1, 1_000));
        distributor.post(POOL, epoch, distributor.root(), nodes[0], total);
    }

    /// Anything that any epoch has said of any account, against the root of then or of now.
    function claim(address sender, uint256 epoch, uint256 which, bool againstNow) external {
        Posted storage then = _posted[within(epoch, 0, _posted.length - 1)];
        uint256 index = within(which, 0, accounts.length - 1);
        bytes32 root = againstNow ? distributor.root() : then.nodes[0];
        _try(sender, index, then.cumulative[index], root, then.nodes.proof(index));
    }

    /// What the current root says, which is where most is to be had.
    function claimNow(address sender, uint256 which) external {
        Posted storage latest = _posted[_posted.length - 1];
        uint256 index = within(which, 0, accounts.length - 1);
        _try(sender, index, latest.cumulative[index], latest.nodes[0], latest.nodes.proof(index));
    }

    /// An account shows its proof, or another's, with an amount of its own making.
    function forge(uint256 which, uint256 whose, uint128 amount) external {
        bytes32[] memory nodes = _posted[_posted.length - 1].nodes;
        uint256 index = within(which, 0, accounts.length - 1);
        bytes32[] memory proof = nodes.proof(within(whose, 0, accounts.length - 1));
        _try(accounts[index], index, amount, nodes[0], proof);
    }

    function _try(address sender, uint256 index, uint128 amount, bytes32 root, bytes32[] memory proof) private {
        vm.prank(sender);
        try distributor.claim(accounts[index], amount, root, proof) {} catch {}
    }
}

contract DistributorInvariants {
    Epochs private epochs = new Epochs();

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(epochs);
    }

    function invariant_neverPaysMoreThanTheTotalNorAnyoneMoreThanTheyHaveEarned() external view {
        Distributor distributor = epochs.distributor();
        uint256 claimed = 0;
        for (uint256 i = 0; i < epochs.accountCount(); ++i) {
            address account = epochs.accounts(i);
            uint256 paid = distributor.token().balanceOf(account);
            vm.assertLe(paid, epochs.cumulative(i));
            vm.assertEq(paid, distributor.claimed(account));
            claimed += paid;
        }
        vm.assertEq(claimed, distributor.paid());
        vm.assertLe(claimed, distributor.total());
        vm.assertEq(claimed + distributor.token().balanceOf(address(distributor)), distributor.token().totalSupply());
    }
}
