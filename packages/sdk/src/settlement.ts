import { AegisError, Check, Type } from "@aegis-pool/core";
import type { PoolClient } from "./pool-client/pool-client.js";
import { notAPool } from "./pool-client/refusals.js";

const Address = Type.Unsafe<`0x${string}`>(Type.String({ pattern: "^0x[0-9a-fA-F]{40}$" }));
const Block = Type.Integer({ minimum: 0 });
const Answer = Type.Object({
  chainId: Type.Integer({ minimum: 1 }),
  distributor: Address,
  deposits: Address,
  token: Address,
  confirmations: Block,
  safeBlock: Type.Optional(Block),
  head: Type.Optional(Block),
  credited: Type.Integer({ minimum: 0 }),
  problem: Type.Optional(Type.Object({ what: Type.String(), message: Type.String() })),
});

/** How a pool stands with the chain that it settles on. It is the pool's word: who sends money asks the chain whose contracts these are. */
export interface PoolSettlement {
  readonly chainId: number;
  readonly distributor: `0x${string}`;
  readonly deposits: `0x${string}`;
  readonly token: `0x${string}`;
  /** Blocks on top of one before its deposits are credited. */
  readonly confirmations: number;
  /** All deposits up to this block are credited; undefined before the first. */
  readonly safeBlock: number | undefined;
  /** The newest block that the pool knows of. */
  readonly head: number | undefined;
  /** Deposits. */
  readonly credited: number;
  /** Why no more are credited now. */
  readonly problem: { readonly what: string; readonly message: string } | undefined;
}

/** undefined where the pool settles on no chain. */
export async function settlementIfAny(client: PoolClient): Promise<PoolSettlement | undefined> {
  try {
    return await settlementOf(client);
  } catch (error) {
    if (error instanceof AegisError && error.code === "not-found") return undefined;
    throw error;
  }
}

/** @throws {AegisError} `not-found` where the pool settles on no chain */
export async function settlementOf(client: PoolClient): Promise<PoolSettlement> {
  const answer = await client.getJson("/v1/settlement");
  if (!Check(Answer, answer)) throw notAPool(client.url.origin);
  const { safeBlock, head, problem } = answer;
  return { ...answer, safeBlock, head, problem };
}
