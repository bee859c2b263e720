import { type Static, Type } from "@aegis-pool/core";
import { decodeEventLog, encodeEventTopics, getAddress, type Hex, parseSignature } from "viem";
import { aisAbi, depositsAbi, distributorAbi } from "./abis.js";
import { type ChainConnection, type ContractCall, Hash, Quantity, type Sent, toQuantity } from "./chain-connection.js";
import type { EvmKey } from "./evm-key-file.js";
import { nonsense } from "./refusals.js";

/** What was paid in on chain. */
export interface Deposit {
  /** From 0, without gaps. */
  readonly index: number;
  /** The Ed25519 key of the account in the pool's ledger, in hexadecimal. */
  readonly account: string;
  /** nAIS, below 2^128. */
  readonly amount: bigint;
  readonly block: number;
  readonly blockHash: Hex;
  readonly transaction: Hex;
}

const Address = Type.Unsafe<Hex>(Type.String({ pattern: "^0x[0-9a-fA-F]{40}$" }));
/** Events of one answer, at most: one costs 8,200 gas in bulk, so this is a block of two thousand million gas. */
const mostLogs = 250_000;
const Logs = Type.Array(
  Type.Object({
    address: Address,
    topics: Type.Array(Hash, { minItems: 4, maxItems: 4 }),
    data: Hash,
    blockNumber: Quantity,
    blockHash: Hash,
    transactionHash: Hash,
    removed: Type.Optional(Type.Literal(false)),
  }),
  { maxItems: mostLogs },
);
type Log = Static<typeof Logs>[number];

/** How long the permit of a deposit holds, in seconds by the chain's clock. */
const permitSeconds = 3_600;
const permitTypes = {
  Permit: [
    { name: "owner", type: "address" },
    { name: "spender", type: "address" },
    { name: "value", type: "uint256" },
    { name: "nonce", type: "uint256" },
    { name: "deadline", type: "uint256" },
  ],
} as const;

/** Where requesters pay in at one pool. */
export class Deposits {
  readonly address: Hex;
  /** Where what is paid in goes. */
  readonly distributor: Hex;
  readonly token: Hex;
  /** Whose distributor that is: a pool's Ed25519 key in hexadecimal. */
  readonly pool: string;
  readonly #connection: ChainConnection;

  private constructor(
    connection: ChainConnection,
    { address, distributor, token, pool }: Pick<Deposits, "address" | "distributor" | "token" | "pool">,
  ) {
    this.#connection = connection;
    this.address = address;
    this.distributor = distributor;
    this.token = token;
    this.pool = pool;
  }

  /** @throws {AegisError} `chain-unreachable`; `chain-refused` where the contract is no such one */
  static async open(connection: ChainConnection, at: Hex): Promise<Deposits> {
    await connection.requireCode(at, "deposits");
    const address = getAddress(at);
    const distributor = (await connection.read({ address, abi: depositsAbi, functionName: "distributor" })) as Hex;
    const token = (await connection.read({ address, abi: depositsAbi, functionName: "token" })) as Hex;
    const pool = (await connection.read({ address: distributor, abi: distributorAbi, functionName: "pool" })) as Hex;
    return new Deposits(connection, { address, distributor, token, pool: pool.slice(2) });
  }

  /** How many deposits there were up to a block, or up to now; 0 in blocks that are older than the contract. */
  async count(block?: number): Promise<number> {
    try {
      const count = (await this.#connection.read(this.#call("count"), block)) as bigint;
      if (count <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(count);
    } catch (error) {
      if (!(await this.#wasMissing(block))) throw error;
      return 0;
    }
    throw nonsense(this.#connection.place, "it says that there were more deposits than there can be");
  }

  async #wasMissing(block: number | undefined): Promise<boolean> {
    return block !== undefined && !(await this.#connection.hasCode(this.address, block));
  }

  /**
   * The deposits in these blocks, both included, in their order. That none is left out shows by their indexes and {@link count} alone.
   * @throws {AegisError} `chain-unreachable`; `chain-refused` where what is shown is not of this contract or not of these blocks
   */
  async between(first: number, last: number): Promise<Deposit[]> {
    const topics = encodeEventTopics({ abi: depositsAbi, eventName: "Deposited" });
    const range = { fromBlock: toQuantity(first), toBlock: toQuantity(last) };
    const asked = { address: this.address, topics, ...range };
    const logs = await this.#connection.ask(Logs, "eth_getLogs", [asked]);
    const isAsked = (log: Log) =>
      getAddress(log.address) === this.address &&
      log.topics[0] === topics[0] &&
      Number(log.blockNumber) >= first &&
      Number(log.blockNumber) <= last;
    if (!logs.every(isAsked)) throw nonsense(this.#connection.place, "events that nobody has asked for");
    return logs.map((log) => this.#depositIn(log)).toSorted((one, other) => one.index - other.index);
  }

  #depositIn({ topics, data, blockNumber, blockHash, transactionHash }: Log): Deposit {
    const { args } = decodeEventLog({ abi: depositsAbi, topics: topics as [Hex, ...Hex[]], data });
    const { index, account, amount } = args as unknown as { index: bigint; account: Hex; amount: bigint };
    return {
      ...{ index: Number(index), account: account.slice(2), amount },
      ...{ block: Number(blockNumber), blockHash, transaction: transactionHash },
    };
  }

  /**
   * Pays in for an account of the pool's ledger, by one transaction: the permit to take the tokens is signed along.
   * @param account an Ed25519 key in hexadecimal; nothing on chain can tell whether anybody has it
   * @param amount nAIS
   * @throws {AegisError} `chain-refused`, by name: ERC20InsufficientBalance, NothingToDeposit, NoAccount; `chain-unreachable`
   */
  async deposit(key: EvmKey, account: string, amount: bigint): Promise<Sent> {
    const { timestamp } = await this.#connection.newest();
    const deadline = BigInt(timestamp + permitSeconds);
    const { r, s, yParity } = parseSignature(await this.#permit(key, amount, deadline));
    const signature = [27 + yParity, r, s];
    return this.#connection.send(key, this.#call("depositWithPermit", `0x${account}`, amount, deadline, ...signature));
  }

  /** The name and version are those of AIS: a node that is asked for them could have another token's permit signed. */
  async #permit(key: EvmKey, amount: bigint, deadline: bigint): Promise<Hex> {
    const owner = key.address;
    const ofToken = { address: this.token, abi: aisAbi };
    const nonce = (await this.#connection.read({ ...ofToken, functionName: "nonces", args: [owner] })) as bigint;
    return key.signTypedData({
      domain: { name: "AIS", version: "1", chainId: this.#connection.chainId, verifyingContract: this.token },
      types: permitTypes,
      primaryType: "Permit",
      message: { owner, spender: this.address, value: amount, nonce, deadline },
    });
  }

  #call(functionName: string, ...args: readonly unknown[]): ContractCall {
    return { address: this.address, abi: depositsAbi, functionName, args };
  }
}
