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
 * Deploys a pool's contracts. The client's account posts and slashes, and mints where AIS is deployed too: it owns them.
 * @param pool the pool's Ed25519 key, 32 bytes, not zero
 * @param shared the address of an AIS that there is already; by default the pool has one of its own
 * @throws what the chain or a constructor refuses, by name; where there is no AIS at `shared`
 */
export async function deploySettlement(client: ChainClient, pool: Hex, shared?: Hex): Promise<Settlement> {
  const compiled = compileOwn("AIS", "Distributor", "Deposits", "Bonds");
  const deploy = (name: string, args: readonly unknown[]) => client.deploy(compiled[name] as Compiled, args);
  const owner = client.account;
  const ais =
    shared === undefined ? await deploy("AIS", [owner]) : { address: shared, abi: compiled["AIS"]?.abi ?? [] };
  if (shared !== undefined) await requireAis(client, ais);
  const distributor = await deploy("Distributor", [pool, ais.address, owner]);
  const deposits = await deploy("Deposits", [distributor.address]);
  const bonds = await deploy("Bonds", [pool, ais.address, owner]);
  return { ais, distributor, deposits, bonds };
}

/** Not another token, nor an account: what is deployed for it could pay nobody. */
async function requireAis(client: ChainClient, ais: Contract): Promise<void> {
  const [name, cap] = await Promise.all(["name", "CAP"].map((asked) => client.read(ais, { name: asked, args: [] })));
  if (name !== "AIS" || cap !== aisCap) throw new Error(`the contract at ${ais.address} is not AIS`);
}

/** nAIS. */
const aisCap = 100_000_000n * 1_000_000_000n;
