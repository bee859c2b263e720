import type { AccountOf } from "../ledger/accounts.js";
import type { Penalty } from "../ledger/operations.js";
import type { VerificationRules } from "./rules.js";

/** What an operator still owes for one wrong result. */
export interface Debt {
  /** Who had to spend more because of it. */
  readonly injured: AccountOf<"requester">;
  /** nAIS. */
  readonly left: bigint;
  /** How much of that is for who was injured; it is paid first. */
  readonly compensation: bigint;
}

/**
 * What a wrong result costs that is not forgiven.
 * @param charge what it would have cost its requester, in nAIS
 * @param spent what the requester spent on further runs that only the wrong result made necessary, in nAIS
 */
export function debtFor(
  { charge, spent, injured }: { charge: bigint; spent: bigint; injured: AccountOf<"requester"> },
  { penaltyCharges }: Pick<VerificationRules, "penaltyCharges">,
): Debt {
  const left = charge * BigInt(penaltyCharges);
  return { injured, left, compensation: spent < left ? spent : left };
}

/** Takes up to `most` nAIS of a debt; @returns what is taken, and what is left of it. */
export function collect(debt: Debt, most: bigint): { readonly penalty: Penalty; readonly rest: Debt } {
  const taken = most < debt.left ? most : debt.left;
  const compensation = taken < debt.compensation ? taken : debt.compensation;
  return {
    penalty: { injured: debt.injured, compensation, burned: taken - compensation },
    rest: { ...debt, left: debt.left - taken, compensation: debt.compensation - compensation },
  };
}
