import { Check, localChainId, type Static, type TSchema, Type } from "@aegis-pool/core";
import {
  type Abi,
  type Chain,
  createPublicClient,
  custom,
  type CustomTransport,
  defineChain,
  encodeFunctionData,
  type Hex,
  keccak256,
  type PublicClient,
} from "viem";
import { prepareTransactionRequest } from "viem/actions";
import type { EvmKey } from "./evm-key-file.js";
import { JsonRpc, type RpcBounds } from "./json-rpc.js";
import { asChainError, nonsense, notKnown, notMined, notTheOne, reverted } from "./refusals.js";

/** A contract on the chain, as far as we use it. */
export interface ContractAt {
  readonly address: Hex;
  readonly abi: Abi;
}

/** A function of a contract with its arguments. */
export interface ContractCall extends ContractAt {
  readonly functionName: string;
  readonly args?: readonly unknown[];
}

/** A transaction that is in a block, and has done what it was to do. */
export interface Sent {
  readonly transaction: Hex;
  readonly block: number;
}

export interface Block {
  readonly number: number;
  readonly hash: Hex;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** How patient a connection is. */
export interface ConnectionOptions extends Partial<RpcBounds> {
  /** The chain that it must be; any by default. */
  readonly chainId?: number | undefined;
  /** How long a transaction is waited for, in ms: three minutes by default. */
  readonly minedMs?: number | undefined;
}

/** 32 bytes and quantities as nodes write them; a block's number fits into 53 bits. */
export const Hash = Type.Unsafe<Hex>(Type.String({ pattern: "^0x[0-9a-f]{64}$" }));
export const Quantity = Type.Unsafe<Hex>(Type.String({ pattern: "^0x[0-9a-f]{1,13}$" }));
const Code = Type.String({ pattern: "^0x([0-9a-f]{2})*$" });
const BlockAnswer = Type.Union([Type.Null(), Type.Object({ number: Quantity, hash: Hash, timestamp: Quantity })]);
const KnownAnswer = Type.Union([Type.Null(), Type.Object({ hash: Hash })]);
const ReceiptAnswer = Type.Union([
  Type.Null(),
  Type.Object({ transactionHash: Hash, blockNumber: Quantity, status: Type.Enum(["0x0", "0x1"]) }),
]);

const defaultMinedMs = 180_000;
/** How often a transaction is looked for, in ms; a chain on this machine makes a block at once. */
const [receiptPollMs, localReceiptPollMs] = [1_000, 50];

/** One EVM chain, over a node that may stall or lie: every wait and every answer has a bound, and whatever goes wrong is an AegisError in a line. */
export class ChainConnection {
  readonly chainId: number;
  readonly #rpc: JsonRpc;
  readonly #client: PublicClient<CustomTransport, Chain>;
  readonly #minedMs: number;

  private constructor(rpc: JsonRpc, chainId: number, minedMs: number) {
    this.#rpc = rpc;
    this.chainId = chainId;
    this.#minedMs = minedMs;
    const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
    const chain = defineChain({ id: chainId, name: "chain", nativeCurrency, rpcUrls: { default: { http: [] } } });
    const request = ({ method, params = [] }: { method: string; params?: readonly unknown[] }) =>
      rpc.request(method, params);
    this.#client = createPublicClient({ chain, transport: custom({ request }, { retryCount: 0 }), cacheTime: 0 });
  }

  /**
   * @param url of a node's JSON-RPC
   * @throws {AegisError} `bad-argument`, `chain-unreachable`, `chain-refused`
   */
  static async connect(url: string, options: ConnectionOptions = {}): Promise<ChainConnection> {
    const { chainId: wanted, minedMs = defaultMinedMs, ...bounds } = options;
    const rpc = new JsonRpc(url, bounds);
    const chainId = await ask(rpc, Quantity, "eth_chainId", []);
    const id = Number(chainId);
    if (wanted !== undefined && id !== wanted) {
      throw notTheOne(
        `The chain's node at ${rpc.place} is of chain ${id}, not of chain ${wanted}.`,
        "Give the URL of a node of the right chain, with --chain.",
      );
    }
    return new ChainConnection(rpc, id, minedMs);
  }

  /** The node's host. */
  get place(): string {
    return this.#rpc.place;
  }

  /** Ends what is under way: from now on every question fails at once. */
  close(): void {
    this.#rpc.close();
  }

  /** What a method answers, of this shape. @throws {AegisError} `chain-unreachable`, `chain-refused` */
  ask<S extends TSchema>(shape: S, method: string, params: readonly unknown[]): Promise<Static<S>> {
    return ask(this.#rpc, shape, method, params);
  }

  /** The newest block's number. */
  async head(): Promise<number> {
    return Number(await this.ask(Quantity, "eth_blockNumber", []));
  }

  /** One block as the chain has it now; undefined where it has not come so far. */
  async block(number: number): Promise<Block | undefined> {
    return this.#block(toQuantity(number), (block) => block.number === number);
  }

  /** The newest block. */
  async newest(): Promise<Block> {
    const block = await this.#block("latest", () => true);
    if (!block) throw nonsense(this.place, "it has no newest block");
    return block;
  }

  async #block(name: string, isIt: (block: Block) => boolean): Promise<Block | undefined> {
    const answer = await this.ask(BlockAnswer, "eth_getBlockByNumber", [name, false]);
    if (!answer) return undefined;
    const block = { number: Number(answer.number), hash: answer.hash, timestamp: Number(answer.timestamp) };
    if (!isIt(block)) throw nonsense(this.place, `asked for block ${name} it shows another`);
    return block;
  }

  /** Whether anything is deployed there, now or as of a block. */
  async hasCode(address: Hex, block?: number): Promise<boolean> {
    const at = block === undefined ? "latest" : toQuantity(block);
    return (await this.ask(Code, "eth_getCode", [address, at])).length > 2;
  }

  /** @throws {AegisError} `chain-refused` where nothing is deployed there */
  async requireCode(address: Hex, what: string): Promise<void> {
    if (await this.hasCode(address)) return;
    throw notTheOne(
      `There is no contract at ${address} on chain ${this.chainId}, where ${what} must be.`,
      "Check the address, and that the node is of the right chain.",
    );
  }

  /** What a function answers, now or as of a block. @throws {AegisError} `chain-unreachable`, `chain-refused` */
  async read(call: ContractCall, block?: number): Promise<unknown> {
    const at = block === undefined ? {} : { blockNumber: BigInt(block) };
    return this.#named(() => this.#client.readContract({ ...call, ...at }));
  }

  /**
   * Sends a transaction and waits until it is in a block. It is tried before: a contract says there by name what it refuses.
   * @throws {AegisError} `chain-refused`, which `revertOf` knows the name of; `chain-unreachable`
   */
  async send(key: EvmKey, call: ContractCall): Promise<Sent> {
    await this.#simulate(key, call);
    const signed = await this.#named(() => this.#sign(key, call), call.abi);
    const transaction = keccak256(signed);
    await this.#submit(signed, transaction);
    const { status, blockNumber } = await this.#mined(transaction);
    const block = Number(blockNumber);
    if (status === "0x1") return { transaction, block };
    await this.#simulate(key, call); // what has come in between says so by name now
    throw reverted(`transaction ${transaction} failed, and does not say why`);
  }

  /** A node may have taken a transaction before the answer was lost, and then refuses it when it is sent again: so it is asked whether it has it. */
  async #submit(signed: Hex, transaction: Hex): Promise<void> {
    try {
      await this.ask(Hash, "eth_sendRawTransaction", [signed]);
    } catch (error) {
      const known = await this.ask(KnownAnswer, "eth_getTransactionByHash", [transaction]).catch(() => undefined);
      if (known) return;
      throw known === null ? error : notKnown(transaction);
    }
  }

  #simulate(key: EvmKey, call: ContractCall): Promise<unknown> {
    return this.#named(() => this.#client.simulateContract({ ...call, account: key.address }));
  }

  async #sign(key: EvmKey, call: ContractCall): Promise<Hex> {
    const data = encodeFunctionData(call);
    const request = await prepareTransactionRequest(this.#client, { account: key, to: call.address, data });
    return key.signTransaction(request as Parameters<EvmKey["signTransaction"]>[0]);
  }

  async #mined(transaction: Hex) {
    const pollMs = this.chainId === localChainId ? localReceiptPollMs : receiptPollMs;
    for (let waitedMs = 0; waitedMs < this.#minedMs; waitedMs += pollMs) {
      const receipt = await this.ask(ReceiptAnswer, "eth_getTransactionReceipt", [transaction]);
      if (receipt?.transactionHash === transaction) return receipt;
      await this.#rpc.pause(pollMs);
    }
    throw notMined(transaction, this.#minedMs);
  }

  /** Whatever viem throws becomes a line. */
  async #named<T>(work: () => Promise<T>, abi?: Abi): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw asChainError(error, this.place, abi);
    }
  }
}

async function ask<S extends TSchema>(rpc: JsonRpc, shape: S, method: string, params: readonly unknown[]) {
  let answer: unknown;
  try {
    answer = await rpc.request(method, params);
  } catch (error) {
    throw asChainError(error, rpc.place);
  }
  if (!Check(shape, answer)) throw nonsense(rpc.place, `what it gives for ${method} is of no such kind`);
  return answer;
}

/** A number as nodes want it. */
export function toQuantity(number: number): Hex {
  return `0x${number.toString(16)}`;
}
