import { randomBytes } from "node:crypto";
import {
  accountRequest,
  bonding,
  bondNotice,
  bondVesting,
  equalBytes,
  payoutChange,
  type Signed,
  signStatement,
  type Signer,
  testFunding,
  toCbor,
  toHex,
  type TransferKind,
} from "@aegis-pool/core";
import { type Bond, readBond, type WrittenBond } from "./bond.js";
import { type Earning, type LeaseEnd, type OwnTask, readEarning, type WrittenEarning } from "./earnings.js";
import { parseEvmAddress } from "./evm-address.js";
import { type Payout, readPayout, type WrittenPayout } from "./payout.js";
import type { PoolClient } from "./pool-client/pool-client.js";

/** Requesters pay from theirs, operators are paid to theirs; one key may have both. */
export type AccountKind = "requester" | "operator";

/** One line of a statement. */
export interface StatementLine {
  readonly id: number;
  /** ms since 1970. */
  readonly at: number;
  readonly kind: TransferKind;
  /** In hexadecimal; of a reward the task's number. */
  readonly key: string;
  /** The account on the other side, as "escrow:<key of the job>". */
  readonly other: string;
  /** nAIS; below zero where the account gave it. */
  readonly amount: bigint;
}

/** One agent's part in a check of a task's result. */
export interface CheckLine {
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  readonly engine: string;
  /** The task, as this agent knew it. */
  readonly number: number;
  /** Its own result was right, it has checked another's rightly, it was wrong; or nothing came of it. */
  readonly verdict: "passed" | "confirmed" | "disproved" | "nondeterministic" | "silent" | "abandoned";
  /** How many operators ran the task. */
  readonly runs: number;
  /** Its valid results in a row from then on. */
  readonly valid: number;
  /** ms since 1970. */
  readonly at: number;
}

/** What one agent was good for in an epoch. */
export interface AttendanceLine {
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  /** In hexadecimal: SHA-256 of it and the agent's key names the agent's line in the epoch's public file. */
  readonly salt: string;
  /** µSCU-seconds that it was here with a proven speed, and of these those at a price that counts, ready to work. */
  readonly connected: number;
  readonly available: number;
  /** Tasks that it was offered, and of these how many it did not take or keep. */
  readonly offered: number;
  readonly missed: number;
}

/** The accounts of one key at one pool. */
export class Account {
  readonly #client: PoolClient;
  readonly #signer: Signer;

  /** @param signer holds the Ed25519 key that the account belongs to */
  constructor(client: PoolClient, signer: Signer) {
    this.#client = client;
    this.#signer = signer;
  }

  /** The key in hexadecimal. */
  get id(): string {
    return toHex(this.#signer.publicKey);
  }

  /**
   * Fills the requester's account with money to play with, `amount` nAIS.
   * @param once 16 bytes that name this request: sent again it changes nothing
   * @returns the balance afterwards
   * @throws {AegisError} `test-money-off`, `bad-argument`, `transfer-refused`
   */
  async fund(amount: bigint, once: Uint8Array = randomBytes(16)): Promise<bigint> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, amount: String(amount), key: once };
    const signed = signStatement(testFunding, { ...asked, signedAt: Date.now() }, this.#signer);
    const answer = (await this.#client.postJson("/v1/accounts/fund", { funding: base64(signed) })) as Balance;
    return BigInt(answer.balance);
  }

  /** What it holds, in nAIS. */
  async balance(kind: AccountKind = "requester"): Promise<bigint> {
    return BigInt(((await this.#get(`/v1/accounts/${kind}/${this.id}`)) as Balance).balance);
  }

  /** What an operator has beside its balance: for results that are not final, fees included, and what it owes for wrong ones; in nAIS. */
  async unsettled(): Promise<{ readonly held: bigint; readonly owed: bigint }> {
    const { held = "0", owed = "0" } = (await this.#get(`/v1/accounts/operator/${this.id}`)) as Balance;
    return { held: BigInt(held), owed: BigInt(owed) };
  }

  /** Every line, the oldest first, page by page. */
  async *statement(kind: AccountKind = "requester"): AsyncGenerator<StatementLine> {
    for (let after = 0; ;) {
      const path = `/v1/accounts/${kind}/${this.id}/statement?after=${after}`;
      const { lines } = (await this.#get(path)) as { lines: (Omit<StatementLine, "amount"> & { amount: string })[] };
      for (const line of lines) yield { ...line, amount: BigInt(line.amount) };
      const last = lines.at(-1);
      if (!last) return;
      after = last.id;
    }
  }

  /** What came of the last checks of the operator's agents' results, the newest first. */
  async checks(): Promise<readonly CheckLine[]> {
    const { checks } = (await this.#get(`/v1/accounts/operator/${this.id}/checks`)) as { checks: CheckLine[] };
    return checks;
  }

  /** What the operator's agents were good for in an epoch: what is not written yet is missing. */
  async attendances(epoch: number): Promise<readonly AttendanceLine[]> {
    const answer = await this.#get(`/v1/accounts/operator/${this.id}/epochs/${epoch}`);
    return (answer as { attendances: AttendanceLine[] }).attendances;
  }

  /** The operator's bond. */
  async bond(): Promise<Bond> {
    return readBond((await this.#get(`/v1/accounts/operator/${this.id}/bond`)) as WrittenBond);
  }

  /**
   * Puts `amount` nAIS up as the operator's bond, out of what the key has earned, or holds as a requester.
   * @param once 16 bytes that name this request: sent again it changes nothing
   * @throws {AegisError} `insufficient-funds`, `bad-argument`, `transfer-refused`
   */
  async putBond(amount: bigint, from: AccountKind = "operator", once: Uint8Array = randomBytes(16)): Promise<Bond> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, from, amount: String(amount), key: once };
    const signed = signStatement(bonding, { ...asked, signedAt: Date.now() }, this.#signer);
    return readBond((await this.#client.postJson("/v1/accounts/bond", { bonding: base64(signed) })) as WrittenBond);
  }

  /**
   * Gives notice of `amount` nAIS of the bond: they no longer count, and are paid out two weeks later.
   * @param once 16 bytes that name the notice: sent again it changes nothing
   * @throws {AegisError} `insufficient-funds`, `too-many`, `bad-argument`
   */
  giveNotice(amount: bigint, once: Uint8Array = randomBytes(16)): Promise<Bond> {
    return this.#notice(amount, once);
  }

  /** Takes back the notice with this key. @throws {AegisError} `not-found` where none of that key waits */
  cancelNotice(key: Uint8Array): Promise<Bond> {
    return this.#notice(0n, key);
  }

  async #notice(amount: bigint, key: Uint8Array): Promise<Bond> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, amount: String(amount), key };
    const signed = signStatement(bondNotice, { ...asked, signedAt: Date.now() }, this.#signer);
    const answer = await this.#client.postJson("/v1/accounts/bond/notice", { notice: base64(signed) });
    return readBond(answer as WrittenBond);
  }

  /**
   * From now on so many percent of what the operator earns go into its bond at the end of each epoch, until it is `target` nAIS.
   * @param percent 0 to 100; 0: nothing any more
   * @throws {AegisError} `out-of-turn` where something newer was asked for
   */
  async vestBond(percent: number, target: bigint): Promise<Bond> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, percent, target: String(target) };
    const signed = signStatement(bondVesting, { ...asked, signedAt: Date.now() }, this.#signer);
    const answer = await this.#client.postJson("/v1/accounts/bond/vesting", { vesting: base64(signed) });
    return readBond(answer as WrittenBond);
  }

  /** Where the operator's earnings are to be claimable on chain. */
  async payout(): Promise<Payout> {
    return readPayout(await this.#writtenPayout());
  }

  /**
   * Asks for another payout address: it takes effect in three days, in which it can be taken back by asking for the one in effect.
   * @param address such as "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"; undefined: none
   * @throws {AegisError} `bad-argument`; `out-of-turn` where it was changed elsewhere meanwhile, `too-many`
   */
  async setPayout(address: string | undefined): Promise<Payout> {
    const { sequence } = await this.#writtenPayout();
    return this.#changePayout(address === undefined ? new Uint8Array(20) : parseEvmAddress(address), sequence + 1);
  }

  /** Takes back a change of payout address that has not taken effect. */
  async cancelPayout(): Promise<Payout> {
    const { address, sequence } = await this.#writtenPayout();
    return this.#changePayout(Buffer.from(address, "hex"), sequence + 1);
  }

  async #writtenPayout(): Promise<WrittenPayout> {
    return (await this.#get(`/v1/accounts/operator/${this.id}/payout`)) as WrittenPayout;
  }

  async #changePayout(address: Uint8Array, sequence: number): Promise<Payout> {
    const asked = { account: this.#signer.publicKey, pool: this.#client.key, address, sequence };
    const signed = signStatement(payoutChange, { ...asked, signedAt: Date.now() }, this.#signer);
    return readPayout(
      (await this.#client.postJson("/v1/accounts/payout", { change: base64(signed) })) as WrittenPayout,
    );
  }

  /** Every task that the operator's agents have run, the oldest first, each verified against the pool's key. */
  async *earnings(): AsyncGenerator<Earning> {
    for (let after = 0; ;) {
      const path = `/v1/accounts/operator/${this.id}/earnings?after=${after}`;
      const { tasks } = (await this.#get(path)) as { tasks: WrittenEarning[] };
      for (const task of tasks) yield this.#ownEarning(task);
      const last = tasks.at(-1);
      if (!last) return;
      after = last.line;
    }
  }

  /**
   * What the operator's agents had to do with one task, and so why it was paid or not.
   * @throws {AegisError} `not-found` where none of them ever had it
   */
  async ownTask(number: number): Promise<OwnTask> {
    const path = `/v1/accounts/operator/${this.id}/earnings/${number}`;
    const answer = (await this.#get(path)) as { earning?: WrittenEarning; ended: LeaseEnd[]; holder?: string };
    const { earning, ended, holder } = answer;
    return { earning: earning && this.#ownEarning(earning), ended, holder };
  }

  /** A receipt of another operator's agent proves nothing here. */
  #ownEarning(written: WrittenEarning): Earning {
    const earning = readEarning(written, this.#client.key);
    if (!earning.verified || equalBytes(earning.verified.operator, this.#signer.publicKey)) return earning;
    return { ...earning, verified: undefined, settlement: undefined, problem: "The receipt is another operator's." };
  }

  async #get(path: string): Promise<unknown> {
    const statement = { account: this.#signer.publicKey, pool: this.#client.key, method: "GET", path };
    const signed = signStatement(accountRequest, { ...statement, signedAt: Date.now() }, this.#signer);
    return this.#client.getJson(path, { authorization: `Aegis ${base64(signed)}` });
  }
}

interface Balance {
  readonly balance: string;
  readonly held?: string;
  readonly owed?: string;
}

const base64 = (signed: Signed) => Buffer.from(toCbor(signed)).toString("base64url");
