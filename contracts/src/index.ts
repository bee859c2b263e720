export { ChainClient, type Contract, type ContractFunction } from "./chain-client.js";
export { compileContracts, type Compiled, compileOwn } from "./compiler.js";
export { deploySettlement, type Settlement } from "./deploy.js";
export { type LocalChain, localKeys, startChain } from "./local-chain.js";
