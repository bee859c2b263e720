import { AegisError } from "@aegis-pool/core";
import type { ChainConnection, Distributor, EvmKey } from "@aegis-pool/chain";
import { formatEvmAddress, parseEvmAddress, type PoolClient, settlementIfAny } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";
import { addPoolOptions, type PoolFlags } from "../commands/shared-options.js";

/** What commands take that speak to a pool's distributor. */
export interface ChainFlags extends PoolFlags {
  readonly chain?: string;
  readonly distributor?: string;
  readonly evmKey?: string;
  readonly json?: boolean;
}

export function addChainOptions(command: Command): Command {
  return addPoolOptions(command)
    .addOption(chainOption())
    .option("--distributor <address>", "the pool's distributor contract (default: the one that the pool names)")
    .option(
      "--evm-key <file>",
      "the key that sends, and pays for gas: 0x and 64 hexadecimal digits, for you alone to read",
    )
    .option("--json", "as JSON");
}

/** `--chain`, which every command has that speaks to one. */
export function chainOption(): Option {
  return new Option("--chain <url>", "JSON-RPC of a node of the chain (or AEGIS_CHAIN)").env("AEGIS_CHAIN");
}

/** A distributor, and over what it is spoken to. */
export interface OpenDistributor {
  readonly connection: ChainConnection;
  readonly distributor: Distributor;
}

/**
 * @param client of the pool that names its distributor, where the flags do not
 * @throws {AegisError} `bad-argument`, `chain-unreachable`, `chain-refused`
 */
export async function openDistributor(flags: ChainFlags, client: PoolClient | undefined): Promise<OpenDistributor> {
  const { chain } = flags;
  if (chain === undefined) throw missing("--chain", "a node's JSON-RPC, such as --chain http://127.0.0.1:8545");
  const address = await distributorOf(flags, client);
  const { ChainConnection, Distributor } = await import("@aegis-pool/chain"); // viem takes its time to load
  const connection = await ChainConnection.connect(chain);
  return { connection, distributor: await Distributor.open(connection, address) };
}

async function distributorOf({ distributor }: ChainFlags, client: PoolClient | undefined): Promise<`0x${string}`> {
  if (distributor !== undefined) return addressOf(distributor);
  const named = await (client && settlementIfAny(client));
  if (named) return named.distributor;
  throw missing("--distributor", "the address of the pool's distributor contract: this pool names none");
}

/** @throws {AegisError} `bad-argument`, `key-unreadable` */
export async function readChainKey({ evmKey }: ChainFlags): Promise<EvmKey> {
  if (evmKey === undefined) throw missing("--evm-key", "the file of the key that sends the transaction");
  return (await import("@aegis-pool/chain")).readEvmKey(evmKey);
}

/** An address as chains write it. @throws {AegisError} `bad-argument` */
export function addressOf(text: string): `0x${string}` {
  return formatEvmAddress(Buffer.from(parseEvmAddress(text)).toString("hex")) as `0x${string}`;
}

const missing = (flag: string, what: string) =>
  new AegisError({ code: "bad-argument", message: `${flag} is missing.`, next: `Give ${what}.` });
