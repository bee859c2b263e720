export { ChainConnection, type ConnectionOptions, type Sent } from "./chain-connection.js";
export { type Deposit, Deposits } from "./deposits.js";
export { type Claim, type ClaimAnswer, Distributor, type DistributorState, noRoot, type Post } from "./distributor.js";
export { type EvmKey, readEvmKey } from "./evm-key-file.js";
export { revertOf } from "./refusals.js";
