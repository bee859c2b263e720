import type { Severity } from "../categories.js";
import type { ASTNode } from "../model/walk.js";
import type { Unit } from "../program/unit.js";
import type { RuleId } from "../rules.js";

/** One place where an issue shows. */
export interface Hit {
  readonly node: ASTNode;
  readonly message: string;
  /** Where it differs from the rule's own. */
  readonly severity?: Severity;
}

/** Looks for one issue in one file. */
export interface Detector {
  readonly ruleId: RuleId;
  find(unit: Unit): Iterable<Hit>;
}
