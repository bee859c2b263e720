import { formatAis } from "@aegis-pool/core";
import { getAddress, type Hex } from "viem";
import { aisAbi, distributorAbi } from "./abis.js";
import type { ChainConnection, ContractCall, Sent } from "./chain-connection.js";
import type { EvmKey } from "./evm-key-file.js";
import { notTheOne, revertOf } from "./refusals.js";

/** A distributor as of one block; amounts in nAIS. */
export interface DistributorState {
  /** The pool's Ed25519 key in hexadecimal. */
  readonly pool: string;
  readonly token: Hex;
  /** Who posts. */
  readonly owner: Hex;
  /** Of the tree of the last epoch that was posted; 32 zero bytes before the first. */
  readonly root: Hex;
  readonly epoch: bigint;
  /** All earnings in that tree. */
  readonly total: bigint;
  /** All that was claimed. */
  readonly paid: bigint;
  /** What it holds to pay from. */
  readonly balance: bigint;
}

/** What a post says. */
export interface Post {
  /** The pool's Ed25519 key in hexadecimal. */
  readonly pool: string;
  readonly epoch: bigint;
  /** The root that it follows: 32 zero bytes for the first. */
  readonly previousRoot: Hex;
  readonly root: Hex;
  /** nAIS. */
  readonly total: bigint;
}

/** What an address may claim, as a tree says it. */
export interface Claim {
  readonly account: Hex;
  /** nAIS that it has ever earned. */
  readonly cumulative: bigint;
  /** The root that the proof is for. */
  readonly root: Hex;
  readonly proof: readonly Hex[];
}

/** What became of a claim: who was first is told apart from who has nothing. */
export type ClaimAnswer =
  /** nAIS that the account got by this transaction. */
  | (Sent & { readonly paid: bigint })
  | {
      /** Another root is posted: make a proof for that one. Or all of it was claimed before, by whomever. */
      readonly refused: "root-changed" | "nothing-to-claim";
    };

/** Before the first post. */
export const noRoot: Hex = `0x${"0".repeat(64)}`;

const refusals: Readonly<Record<string, "root-changed" | "nothing-to-claim">> = {
  RootChanged: "root-changed",
  NothingToClaim: "nothing-to-claim",
};

/** A pool's distributor on chain. */
export class Distributor {
  readonly address: Hex;
  readonly #connection: ChainConnection;

  private constructor(connection: ChainConnection, address: Hex) {
    this.#connection = connection;
    this.address = address;
  }

  /** @throws {AegisError} `chain-refused` where no contract is there */
  static async open(connection: ChainConnection, address: Hex): Promise<Distributor> {
    await connection.requireCode(address, "a distributor");
    return new Distributor(connection, getAddress(address));
  }

  /** What it says of itself, all as of the same block. */
  async state(): Promise<DistributorState> {
    const block = await this.#connection.head();
    const ask = (functionName: string) => this.#connection.read(this.#call(functionName), block);
    const [pool, token, owner, root, epoch, total, paid] = (await Promise.all(
      ["pool", "token", "owner", "root", "epoch", "total", "paid"].map(ask),
    )) as [Hex, Hex, Hex, Hex, bigint, bigint, bigint];
    const balance = (await this.#connection.read(tokenCall(token, "balanceOf", this.address), block)) as bigint;
    return { pool: pool.slice(2), token, owner, root, epoch, total, paid, balance };
  }

  /** nAIS that an account has claimed. */
  async claimed(account: Hex): Promise<bigint> {
    return (await this.#connection.read(this.#call("claimed", account))) as bigint;
  }

  /**
   * Posts a root. Again it changes nothing: "known" where this very post is the last one.
   * @throws {AegisError} `chain-refused`, by name: NotTheLastRoot, NotALaterEpoch, TotalShrinks, NotThisPool, OwnableUnauthorizedAccount
   */
  async post(key: EvmKey, { pool, epoch, previousRoot, root, total }: Post): Promise<Sent | "known"> {
    const now = await this.state();
    if (now.pool === pool && now.root === root && now.epoch === epoch && now.total === total) return "known";
    return this.#connection.send(key, this.#call("post", `0x${pool}`, epoch, previousRoot, root, total));
  }

  /**
   * Has an account paid what it has earned and not claimed; anybody may send it. Where somebody else was first, or another root has been posted,
   * that is the answer, whether it is found out before or by the transaction itself.
   * @throws {AegisError} `chain-refused`, by name: NotInTheTree, MoreThanTotal; `chain-unreachable`
   */
  async claim(key: EvmKey, { account, cumulative, root, proof }: Claim): Promise<ClaimAnswer> {
    const before = await this.claimed(account);
    try {
      const sent = await this.#connection.send(key, this.#call("claim", account, cumulative, root, proof));
      return { ...sent, paid: cumulative - before };
    } catch (error) {
      const refused = refusals[revertOf(error) ?? ""];
      if (!refused) throw error;
      return { refused };
    }
  }

  /**
   * Mints to the distributor what it lacks to pay all that can still be claimed. @returns nAIS; 0n where nothing is missing
   * @param most nAIS that may be minted: who has got hold of a pool's key could have it sign any total
   * @throws {AegisError} `chain-refused` where more is missing, the key is none of the token's minter, or there would be more than 100 million AIS
   */
  async mintShortfall(
    key: EvmKey,
    most: bigint,
  ): Promise<{ readonly minted: bigint; readonly sent: Sent | undefined }> {
    const { token, total, paid, balance } = await this.state();
    const minted = total - paid - balance;
    if (minted <= 0n) return { minted: 0n, sent: undefined };
    if (minted > most) throw tooMuchMissing(minted, most);
    const minter = (await this.#connection.read(tokenCall(token, "owner"))) as Hex;
    if (minter !== key.address) throw notTheMinter(key.address, minter);
    return { minted, sent: await this.#connection.send(key, tokenCall(token, "mint", this.address, minted)) };
  }

  #call(functionName: string, ...args: readonly unknown[]): ContractCall {
    return { address: this.address, abi: distributorAbi, functionName, args };
  }
}

function tokenCall(address: Hex, functionName: string, ...args: readonly unknown[]): ContractCall {
  return { address, abi: aisAbi, functionName, args };
}

const tooMuchMissing = (missing: bigint, most: bigint) =>
  notTheOne(
    `The distributor lacks ${formatAis(missing)}, and at most ${formatAis(most)} may be minted.`,
    "Verify the epochs since the last post (aegis epoch verify), and mint more only where they have issued so much.",
  );

const notTheMinter = (sender: Hex, minter: Hex) =>
  notTheOne(
    `${sender} does not mint this AIS: ${minter} does.`,
    "Use the minter's key, or send the distributor AIS that there are already.",
  );
