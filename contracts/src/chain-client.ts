import {
  type Abi,
  type Chain,
  createPublicClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type HttpTransport,
  type LocalAccount,
  numberToHex,
  type PublicClient,
  type TransactionReceipt,
  type WalletClient,
} from "viem";
import type { Compiled } from "./compiler.js";

/** A contract on a chain. */
export interface Contract {
  readonly address: Hex;
  readonly abi: Abi;
}

/** A function of a contract with its arguments. */
export interface ContractFunction {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** How often a local chain is asked whether a transaction is done, in ms: it makes a block at once. */
const pollingMs = 20;

/** Speaks to a chain, in the name of an account whose key we have, or of the first that a local chain itself has the key of. */
export class ChainClient {
  /** Its address. */
  readonly account: Hex;
  readonly #signer: LocalAccount | Hex;
  readonly #reader: PublicClient<HttpTransport, Chain>;
  readonly #writer: WalletClient<HttpTransport, Chain>;

  private constructor(
    reader: PublicClient<HttpTransport, Chain>,
    writer: WalletClient<HttpTransport, Chain>,
    signer: LocalAccount | Hex,
  ) {
    this.#reader = reader;
    this.#writer = writer;
    this.#signer = signer;
    this.account = typeof signer === "string" ? signer : signer.address;
  }

  /** @param url of the chain's JSON-RPC @param key for a chain that holds none */
  static async connect(url: string, key?: LocalAccount): Promise<ChainClient> {
    const transport = http(url);
    const nativeCurrency = { name: "Ether", symbol: "ETH", decimals: 18 };
    const id = await createPublicClient({ transport }).getChainId();
    const chain = defineChain({ id, name: "local", nativeCurrency, rpcUrls: { default: { http: [url] } } });
    const writer = createWalletClient({ chain, transport });
    const signer = key ?? (await writer.getAddresses())[0];
    if (!signer) throw new Error(`the chain at ${url} has no account's key`);
    return new ChainClient(createPublicClient({ chain, transport, pollingInterval: pollingMs }), writer, signer);
  }

  /** A new contract, with `value` wei. */
  async deploy({ abi, bytecode }: Compiled, args: readonly unknown[] = [], value = 0n): Promise<Contract> {
    const hash = await this.#writer.deployContract({ abi, bytecode, args, account: this.#signer, value });
    const { contractAddress } = await this.#reader.waitForTransactionReceipt({ hash });
    if (!contractAddress) throw new Error("the contract was not deployed");
    return { address: contractAddress, abi };
  }

  /** Sends a transaction. @throws what the contract reverts with, by name */
  async send({ address, abi }: Contract, { name, args }: ContractFunction): Promise<TransactionReceipt> {
    const call = { address, abi, functionName: name, args, account: this.#signer };
    await this.#reader.simulateContract(call); // says why, where a receipt would say that it failed
    const hash = await this.#writer.writeContract(call);
    return this.#reader.waitForTransactionReceipt({ hash });
  }

  /** What a function answers. @throws what the contract reverts with, by name */
  async read({ address, abi }: Contract, { name, args }: ContractFunction): Promise<unknown> {
    return this.#reader.readContract({ address, abi, functionName: name, args });
  }

  /** Puts 32 bytes into a slot of a contract, which only chains for tests can do. */
  async setStorage({ address }: Contract, slot: Hex, value: Hex): Promise<void> {
    await this.#askForTests("anvil_setStorageAt", [address, slot, value]);
  }

  /** Gives an account so many wei, which only chains for tests can do. */
  async setBalance(account: Hex, wei: bigint): Promise<void> {
    await this.#askForTests("anvil_setBalance", [account, numberToHex(wei)]);
  }

  /** Makes the chain's clock go on by so many seconds, which only chains for tests can do. */
  async advance(seconds: number): Promise<void> {
    await this.#askForTests("evm_increaseTime", [seconds]);
    await this.#askForTests("evm_mine", []);
  }

  /** viem has no types for what only chains for tests are asked. */
  async #askForTests(method: string, params: readonly unknown[]): Promise<void> {
    await this.#reader.request({ method, params } as never);
  }
}
