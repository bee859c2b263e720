import type { Requirements } from "../protocol/requirements.js";
import type { RunStatement } from "../protocol/statements/work.js";
import { isComparable } from "./fingerprint.js";

/** Policies under which results are held together with others of the same task, failures among them: how a program fails can be compared too. */
const holding: ReadonlySet<string | undefined> = new Set(["quorum", "judged"]);

/** Whether what a run gave is paid only when it is final. A failure is no product that could be checked: it is paid like any other work. */
export function isHeldFor({ verification }: Requirements, outcome: RunStatement["outcome"]): boolean {
  if (verification?.policy === "exact-product") return outcome === "completed";
  return holding.has(verification?.policy) && isComparable(outcome);
}
