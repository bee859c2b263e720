import { parseAbi } from "viem";

/** What an ERC-20 of OpenZeppelin's says where it moves nothing: it comes through whichever contract has called it. */
const tokenErrors = [
  "error ERC20InsufficientBalance(address sender, uint256 balance, uint256 needed)",
  "error ERC20InsufficientAllowance(address spender, uint256 allowance, uint256 needed)",
  "error ERC20ExceededCap(uint256 increasedSupply, uint256 cap)",
  "error OwnableUnauthorizedAccount(address account)",
  "error SafeERC20FailedOperation(address token)",
] as const;

/** What we use of AIS. */
export const aisAbi = parseAbi([
  "function balanceOf(address account) view returns (uint256)",
  "function nonces(address owner) view returns (uint256)",
  "function owner() view returns (address)",
  "function mint(address to, uint256 amount)",
  ...tokenErrors,
]);

/** What we use of a distributor, and all that it refuses with. */
export const distributorAbi = parseAbi([
  "function pool() view returns (bytes32)",
  "function token() view returns (address)",
  "function owner() view returns (address)",
  "function root() view returns (bytes32)",
  "function epoch() view returns (uint64)",
  "function total() view returns (uint128)",
  "function paid() view returns (uint128)",
  "function claimed(address account) view returns (uint256)",
  "function post(bytes32 poolKey, uint64 number, bytes32 previousRoot, bytes32 newRoot, uint128 newTotal)",
  "function claim(address account, uint128 cumulative, bytes32 expectedRoot, bytes32[] proof)",
  "error NoPool()",
  "error NoRoot()",
  "error NotThisPool(bytes32 pool)",
  "error NotALaterEpoch(uint64 last, uint64 epoch)",
  "error NotTheLastRoot(bytes32 last, bytes32 previousRoot)",
  "error TotalShrinks(uint128 before, uint128 total)",
  "error RootChanged(bytes32 current, bytes32 expectedRoot)",
  "error NotInTheTree(address account, uint128 cumulative)",
  "error NothingToClaim(uint256 alreadyClaimed, uint128 cumulative)",
  "error MoreThanTotal(uint256 wouldBePaid, uint128 total)",
  ...tokenErrors,
]);

/** What we use of a pool's deposits, and all that they refuse with. */
export const depositsAbi = parseAbi([
  "function distributor() view returns (address)",
  "function token() view returns (address)",
  "function count() view returns (uint64)",
  "function depositWithPermit(bytes32 account, uint128 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)",
  "event Deposited(uint64 indexed index, bytes32 indexed account, address indexed sender, uint128 amount)",
  "error NoAccount()",
  "error NothingToDeposit()",
  ...tokenErrors,
]);
