import type { Hex } from "viem";
import type { ChainClient, Contract } from "./chain-client.js";
import { type Compiled, compileOwn } from "./compiler.js";

/** What one pool settles with on a chain. */
export interface Settlement {
  readonly ais: Contract;
  readonly distributor: Contract;
  readonly deposits: Contract;
  readonly bonds: Contract;
}

/**
 * Deploys a pool's contracts, with an AIS of their own. The client's account mints, posts and slashes: it owns them.
 * @param pool the pool's Ed25519 key, 32 bytes, not zero
 * @throws what the chain or a constructor refuses, by name
 */
export async function deploySettlement(client: ChainClient, pool: Hex): Promise<Settlement> {
  const compiled = compileOwn("AIS", "Distributor", "Deposits", "Bonds");
  const deploy = (name: string, args: readonly unknown[]) => client.deploy(compiled[name] as Compiled, args);
  const owner = client.account;
  const ais = await deploy("AIS", [owner]);
  const distributor = await deploy("Distributor", [pool, ais.address, owner]);
  const deposits = await deploy("Deposits", [distributor.address]);
  const bonds = await deploy("Bonds", [pool, ais.address, owner]);
  return { ais, distributor, deposits, bonds };
}
