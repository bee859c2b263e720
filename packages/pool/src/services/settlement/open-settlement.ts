import type { ChainConnection, Deposits } from "@aegis-pool/chain";
import { AegisError, mayMixWithTestMoney } from "@aegis-pool/core";
import { depositCursor, type DepositCursor } from "../../store/deposit-rows.js";
import { balanceOf } from "../../store/ledger/reads.js";
import { Settlement, type SettlementGround } from "./settlement.js";

/** The chain that a pool settles on. */
export interface ChainOptions {
  /** Of a node's JSON-RPC. */
  readonly url: string;
  /** Address of the pool's deposits, 0x and 40 hexadecimal digits. */
  readonly deposits: string;
  /** Blocks that must be on top of one before its deposits are credited. */
  readonly confirmations: number;
  /** How often it is looked, in ms; five seconds by default. */
  readonly pollMs?: number | undefined;
}

/** What is to be known of a pool before it settles. */
export interface SettlingPool extends SettlementGround {
  /** Its Ed25519 key in hexadecimal. */
  readonly pool: string;
  /** Whether anybody may have money to play with. */
  readonly testMoney: boolean;
}

/**
 * The pool's settlement; undefined where it has no chain.
 * @throws {AegisError} `chain-unreachable`; `chain-refused` where chain or contracts are not this pool's; `bad-argument` where money for the asking
 * would become AIS
 */
export async function openSettlement(
  pool: SettlingPool,
  chain: ChainOptions | undefined,
): Promise<Settlement | undefined> {
  const before = await depositCursor(pool.database);
  if (pool.testMoney && before && !mayMixWithTestMoney(before.chain)) throw noTestMoney(before.chain);
  if (!chain) return undefined;
  const { ChainConnection: Connection, Deposits: Contract } = await import("@aegis-pool/chain");
  const connection = await Connection.connect(chain.url, { answerBytes });
  try {
    await requireNoTestMoney(pool, connection.chainId);
    const deposits = await Contract.open(connection, chain.deposits as `0x${string}`);
    requireThisPool(deposits, pool.pool);
    if (before) requireSame(before, connection, deposits);
    return await Settlement.open(pool, { connection, deposits, confirmations: chain.confirmations });
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** A block may hold as many deposits as somebody pays gas for, at some 600 bytes each. */
const answerBytes = 160 * 1024 * 1024;

async function requireNoTestMoney({ database, testMoney }: SettlingPool, chainId: number): Promise<void> {
  if (mayMixWithTestMoney(chainId)) return;
  if (testMoney || (await balanceOf(database, "test-money")) !== 0n) throw noTestMoney(chainId);
}

function requireThisPool({ address, pool }: Deposits, key: string): void {
  if (pool === key) return;
  throw new AegisError({
    code: "chain-refused",
    message: `The deposits at ${address} are of the pool ${pool}, and this is ${key}.`,
    next: "Give --deposits the address that `deploy-pool` printed for this pool's key.",
  });
}

/** Where a pool has read from another chain or contract before, what is numbered there would be credited in place of what is numbered here. */
function requireSame({ chain, contract }: DepositCursor, { chainId }: ChainConnection, { address }: Deposits): void {
  if (chain === chainId && contract === address.slice(2).toLowerCase()) return;
  throw new AegisError({
    code: "chain-refused",
    message: `This pool has credited deposits of 0x${contract} on chain ${chain}, and is given those of ${address} on chain ${chainId}.`,
    next: "Give --chain and --deposits what they were before: a pool has one chain and one contract.",
  });
}

const noTestMoney = (chainId: number) =>
  new AegisError({
    code: "bad-argument",
    message: `This pool has money for the asking, which would become AIS on chain ${chainId}.`,
    next: "Start a pool without --test-money in another folder, or settle on a local chain (chain id 31337).",
  });
