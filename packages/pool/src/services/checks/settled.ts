import {
  type Primitives,
  type SettlementStatement,
  settlementStatement,
  type SettlementVerdict,
  type Signed,
  type Signer,
  signStatements,
} from "@aegis-pool/core";
import type { SettledResult } from "../../store/held-rows.js";

/** Results of which nothing is paid. */
const unpaid: ReadonlySet<SettlementVerdict> = new Set([
  "disproved",
  "silent",
  "contradicted",
  "failed-training",
  "rejected",
]);

/** Whether a result with this verdict is paid for. */
export function isPaid(verdict: SettlementVerdict): boolean {
  return !unpaid.has(verdict);
}

/** Where the charge of a result went, in nAIS: what is withheld is the rest. */
export function partsOf({ charge, reward, fee, verdict, withheld }: Omit<SettledResult, "settledAt">) {
  return isPaid(verdict)
    ? { reward: BigInt(reward) - BigInt(withheld), fee: BigInt(fee), refund: 0n }
    : { reward: 0n, fee: 0n, refund: BigInt(charge) };
}

/**
 * The pool's word on what became of these results. It is signed when somebody reads it, all of a page by one signature: the same row always gives the
 * same statement, and few are ever read.
 */
export function signSettlements(results: readonly SettledResult[], signer: Signer, primitives: Primitives): Signed[] {
  const statements = results.map((result) => statementOf(result, signer.publicKey));
  return signStatements(settlementStatement, statements, signer, primitives);
}

/** What the pool's word on a result is about: its own number, its agent and what its operator was paid. */
export function statementOf(result: SettledResult, pool: Uint8Array): SettlementStatement {
  const { number, agent, operator, runHash, verdict, withheld, settledAt } = result;
  const { reward, fee, refund } = partsOf(result);
  const money = { reward: String(reward), fee: String(fee), refund: String(refund), withheld };
  return { number, pool, agent, operator, run: runHash, verdict, ...money, settledAt };
}
