import { ChainClient, deploySettlement, type Settlement, startChain } from "@aegis-pool/contracts";
import { toHex } from "@aegis-pool/core";
import type { Hex } from "viem";
import { cleanedUp } from "../cleanups.js";
import type { TimedTree } from "./trees.js";

/** Gas of whole transactions: with their 21,000 and their data. */
export interface SettlementCosts {
  /** A second root: the first takes fresh slots. */
  readonly post: number;
  /** Of an account that has never held AIS. */
  readonly firstClaim: number;
  readonly secondClaim: number;
  /** Of a second deposit, of what was approved before. */
  readonly deposit: number;
  /** A holder's first for an operator. */
  readonly bond: number;
  readonly notice: number;
  readonly withdraw: number;
  /** With a part for somebody who holds AIS already. */
  readonly slash: number;
}

const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;
const pool = hex(new Uint8Array(32).fill(0x70));
const operator = hex(new Uint8Array(32).fill(0x09));
const amount = 3_141_592_653n;
const fortnight = 14 * 24 * 3_600;

/** @param first what is claimable in one epoch, @param second in the next */
export async function settlementCosts(first: TimedTree, second: TimedTree): Promise<SettlementCosts> {
  const chain = await startChain();
  const stop = cleanedUp(() => chain.stop());
  try {
    const client = await ChainClient.connect(chain.url);
    const market = new Spending(client, await deploySettlement(client, pool));
    await market.gas("ais", "mint", client.account, 10n ** 17n);
    return { ...(await market.claims(first, second)), ...(await market.deposits()), ...(await market.bonds()) };
  } finally {
    await stop();
  }
}

/** One account's transactions, and the gas of each. */
class Spending {
  readonly #client: ChainClient;
  readonly #settlement: Settlement;

  constructor(client: ChainClient, settlement: Settlement) {
    this.#client = client;
    this.#settlement = settlement;
  }

  async gas(contract: keyof Settlement, name: string, ...args: readonly unknown[]): Promise<number> {
    const { gasUsed } = await this.#client.send(this.#settlement[contract], { name, args });
    return Number(gasUsed);
  }

  async claims(first: TimedTree, second: TimedTree) {
    const total = 10n ** 26n;
    await this.gas("ais", "transfer", this.#settlement.distributor.address, 10n ** 16n);
    await this.gas("distributor", "post", pool, 1n, `0x${"0".repeat(64)}`, hex(first.tree.root), total);
    const firstClaim = await this.#claim(first);
    const post = await this.gas("distributor", "post", pool, 2n, hex(first.tree.root), hex(second.tree.root), total);
    return { post, firstClaim, secondClaim: await this.#claim(second) };
  }

  async #claim({ tree, earnings }: TimedTree): Promise<number> {
    const account = earnings[0];
    const proof = account && tree.proof(account.address);
    if (!proof) throw new Error("the tree is empty");
    return this.gas("distributor", "claim", hex(account.address), account.amount, hex(tree.root), proof.map(hex));
  }

  async deposits() {
    await this.gas("ais", "approve", this.#settlement.deposits.address, 10n * amount);
    await this.gas("deposits", "deposit", pool, amount);
    return { deposit: await this.gas("deposits", "deposit", pool, amount) };
  }

  async bonds() {
    const { account } = this.#client;
    await this.gas("ais", "approve", this.#settlement.bonds.address, 10n * amount);
    const bond = await this.gas("bonds", "bond", operator, amount);
    const notice = await this.gas("bonds", "giveNotice", operator, amount / 3n);
    const slash = await this.gas("bonds", "slash", operator, account, amount / 5n, account, amount / 10n);
    await this.#client.advance(fortnight);
    return { bond, notice, slash, withdraw: await this.gas("bonds", "withdraw", operator, 0n) };
  }
}
