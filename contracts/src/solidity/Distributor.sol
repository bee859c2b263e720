// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";
import {Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";

/// Pays what one pool's operators have earned. After an epoch the poster (this contract's owner) posts the root of a tree of *cumulative*
/// earnings; what was not claimed in one epoch is claimable in the next, and what was claimed counts for ever. The poster is trusted with
/// the roots, which anybody can compute again from the pool's published rows, but takes nothing out otherwise.
/// packages/core/src/rewards/claims-tree.ts makes the trees. All amounts are in nAIS.
contract Distributor is Ownable2Step {
    using SafeERC20 for IERC20;

    /// The pool's Ed25519 key.
    bytes32 public immutable pool;
    IERC20 public immutable token;

    /// Of the tree of the last epoch; 0 before the first.
    bytes32 public root;
    /// All earnings in that tree together.
    uint128 public total;
    /// All that was claimed. In one slot with `total`: a claim reads both.
    uint128 public paid;
    /// The last that was posted.
    uint64 public epoch;

    mapping(address account => uint256) public claimed;

    event Posted(uint64 indexed epoch, bytes32 indexed root, uint128 total);

    error NoPool();
    error NoRoot();
    error NotThisPool(bytes32 pool);
    error NotALaterEpoch(uint64 last, uint64 epoch);
    error NotTheLastRoot(bytes32 last, bytes32 previousRoot);
    error TotalShrinks(uint128 before, uint128 total);
    error RootChanged(bytes32 current, bytes32 expectedRoot);
    error NotInTheTree(address account, uint128 cumulative);
    error NothingToClaim(uint256 alreadyClaimed, uint128 cumulative);
    error MoreThanTotal(uint256 wouldBePaid, uint128 total);

    /// @param poster posts the roots, as this contract's owner
    constructor(bytes32 poolKey, IERC20 paidIn, address poster) Ownable(poster) {
        if (poolKey == 0) revert NoPool();
        pool = poolKey;
        token = paidIn;
    }

    /// Makes the earnings up to the end of an epoch claimable. Epochs may be left out, since the newest root holds all earnings; which post it
    /// follows, a post says by the root before it.
    /// @param poolKey this distributor's pool, so that nobody posts one pool's root to another's
    /// @param number of the epoch: any for the first, then one that is later
    /// @param previousRoot the current root; 0 for the first
    /// @param newTotal all earnings in the new tree together, never less than before
    function post(
        bytes32 poolKey,
        uint64 number,
        bytes32 previousRoot,
        bytes32 newRoot,
        uint128 newTotal
    ) external onlyOwner {
        if (poolKey != pool) revert NotThisPool(poolKey);
        if (newRoot == 0) revert NoRoot();
        if (previousRoot != root) revert NotTheLastRoot(root, previousRoot);
        if (root != 0 && number <= epoch) revert NotALaterEpoch(epoch, number);
        if (newTotal < total) revert TotalShrinks(total, newTotal);
        (root, epoch, total) = (newRoot, number, newTotal);
        emit Posted(number, newRoot, newTotal);
    }

    /// Pays an account what it has earned and not claimed. Anybody may send this; the tokens go to the account.
    /// There is no event besides the token's own: nothing but a claim moves tokens from here, so each Transfer from this address is one
    /// (save those of 0, which an ERC-20 lets anybody make), and those to an account add up to what it has `claimed`.
    /// @param cumulative what the tree says of the account: all that it has ever earned
    /// @param expectedRoot the root that the proof is for: after another post the same proof would fail without saying why
    function claim(address account, uint128 cumulative, bytes32 expectedRoot, bytes32[] calldata proof) external {
        if (expectedRoot != root) revert RootChanged(root, expectedRoot);
        // hashed twice, as OpenZeppelin's trees are: else the 64 bytes of an inner node could be shown as a leaf
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(account, cumulative))));
        if (!MerkleProof.verifyCalldata(proof, expectedRoot, leaf)) revert NotInTheTree(account, cumulative);
        uint256 before = claimed[account];
        if (cumulative <= before) revert NothingToClaim(before, cumulative);
        uint256 amount = cumulative - before;
        uint256 paidThen = paid + amount;
        if (paidThen > total) revert MoreThanTotal(paidThen, total);
        claimed[account] = cumulative;
        paid = uint128(paidThen); // at most `total`
        token.safeTransfer(account, amount);
    }
}
