import type { Severity } from "./categories.js";
import type { RuleId } from "./rules.js";

/** Where in the audited file; lines and columns count from 1, the end is exclusive, as in SARIF. */
export interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The analysers that can find something. */
export const analysers = ["aegis", "solc", "solhint"] as const;
export type Analyser = (typeof analysers)[number];

/** One issue at one place, found by one analyser. */
export interface Finding {
  readonly ruleId: RuleId;
  readonly severity: Severity;
  readonly message: string;
  readonly region: Region;
  readonly analyser: Analyser;
}
