import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChainConnection, Deposits, EvmKey } from "@aegis-pool/chain";
import type { Account } from "@aegis-pool/sdk";
import { setTimeout as delay } from "node:timers/promises";
import type { OpenDistributor } from "../settlement/chain-options.js";

/** Blocks on top of a deposit's before the pool credits it. */
export const confirmations = 2;
/** How often the pool is asked whether a deposit is credited, in ms: it looks at the chain every five seconds. */
const creditedMs = 250;

/** A chain on this machine with the pool's contracts, and who does what there. */
export interface DemoChain extends OpenDistributor {
  readonly url: string;
  readonly deposits: Deposits;
  /** Mints AIS and posts roots. */
  readonly owner: EvmKey;
  /** Has a payout address: an operator's. */
  readonly operator: EvmKey;
  /** Gives somebody AIS and has it paid in for an account; resolves when the pool has credited it. */
  payIn(account: Account, amount: bigint): Promise<void>;
  stop(): Promise<void>;
}

/** @param pool its Ed25519 key in hexadecimal */
export async function startDemoChain(pool: string, folder: string): Promise<DemoChain> {
  const contracts = await import("@aegis-pool/contracts");
  const chain = await import("@aegis-pool/chain");
  const local = await contracts.startChain();
  const { url } = local;
  const client = await contracts.ChainClient.connect(url);
  const { ais, distributor, deposits } = await contracts.deploySettlement(client, `0x${pool}`);
  const [owner, operator, requester] = await keysIn(folder, contracts.localKeys, chain.readEvmKey);
  const connection: ChainConnection = await chain.ChainConnection.connect(url);
  const paidAt = await chain.Deposits.open(connection, deposits.address);
  return {
    ...{ url, connection, owner, operator },
    stop: () => local.stop(),
    deposits: paidAt,
    distributor: await chain.Distributor.open(connection, distributor.address),
    async payIn(account, amount) {
      await client.send(ais, { name: "mint", args: [requester.address, amount] });
      const before = await account.balance();
      await paidAt.deposit(requester, account.id, amount);
      for (let block = 0; block < confirmations; block++) await client.advance(1);
      while ((await account.balance()) < before + amount) await delay(creditedMs);
    },
  };
}

/** In files as their owners have them, for who keeps the demo and goes on by hand. */
async function keysIn(
  folder: string,
  texts: readonly [string, string, string],
  readKey: (path: string) => Promise<EvmKey>,
): Promise<[EvmKey, EvmKey, EvmKey]> {
  const names = ["pool-owner.key", "operator.key", "requester.key"];
  const read = async (text: string, at: number) => {
    const path = join(folder, names[at] ?? "");
    await writeFile(path, `${text}\n`, { mode: 0o600 });
    return readKey(path);
  };
  return (await Promise.all(texts.map(read))) as [EvmKey, EvmKey, EvmKey];
}
