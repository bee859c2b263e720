import { visit } from "@solidity-parser/parser";
import AvoidCallValue from "solhint/lib/rules/security/avoid-call-value.js";
import AvoidLowLevelCalls from "solhint/lib/rules/security/avoid-low-level-calls.js";
import AvoidSha3 from "solhint/lib/rules/security/avoid-sha3.js";
import AvoidSuicide from "solhint/lib/rules/security/avoid-suicide.js";
import AvoidThrow from "solhint/lib/rules/security/avoid-throw.js";
import AvoidTxOrigin from "solhint/lib/rules/security/avoid-tx-origin.js";
import CheckSendResult from "solhint/lib/rules/security/check-send-result.js";
import FuncVisibility from "solhint/lib/rules/security/func-visibility.js";
import MultipleSends from "solhint/lib/rules/security/multiple-sends.js";
import NoComplexFallback from "solhint/lib/rules/security/no-complex-fallback.js";
import NoInlineAssembly from "solhint/lib/rules/security/no-inline-assembly.js";
import NoUncheckedCalls from "solhint/lib/rules/security/no-unchecked-calls.js";
import NotRelyOnBlockHash from "solhint/lib/rules/security/not-rely-on-block-hash.js";
import NotRelyOnTime from "solhint/lib/rules/security/not-rely-on-time.js";
import Reentrancy from "solhint/lib/rules/security/reentrancy.js";
import StateVisibility from "solhint/lib/rules/security/state-visibility.js";
import Reporter from "solhint/lib/reporter.js";
import TreeListener from "solhint/lib/tree-listener.js";
import type { Severity } from "../categories.js";
import type { Finding } from "../finding.js";
import type { RuleId } from "../rules.js";
import { pointAt } from "./region.js";
import type { Unit } from "./unit.js";

/**
 * What a solhint rule means here. solhint reports constructs without weighing them, so most are information; where an own
 * detector looks closer at the same issue, both meet in one finding and the detector's severity counts.
 */
const meanings: { readonly [solhintRule: string]: readonly [RuleId, Severity] } = {
  "avoid-call-value": ["low-level-call", "info"],
  "avoid-low-level-calls": ["low-level-call", "info"],
  "avoid-sha3": ["deprecated-construct", "info"],
  "avoid-suicide": ["deprecated-construct", "info"],
  "avoid-throw": ["deprecated-construct", "info"],
  "avoid-tx-origin": ["tx-origin", "low"],
  "check-send-result": ["unchecked-call", "low"],
  "func-visibility": ["default-visibility", "low"],
  "multiple-sends": ["call-in-loop", "low"],
  "no-complex-fallback": ["complex-fallback", "info"],
  "no-inline-assembly": ["inline-assembly", "info"],
  "no-unchecked-calls": ["unchecked-call", "medium"],
  "not-rely-on-block-hash": ["block-hash", "info"],
  "not-rely-on-time": ["timestamp-use", "info"],
  reentrancy: ["transfer-before-write", "low"],
  "state-visibility": ["implicit-visibility", "info"],
};

/**
 * What solhint's security rules say about the file, on the tree that is there already. No tokens are given, so that
 * `solhint-disable` comments of the audited author have no say.
 */
export function solhintFindings(unit: Unit): Finding[] {
  const reporter = new Reporter([], { rules: {} });
  visit(unit.ast, new TreeListener(checkers(reporter, unit)));
  return reporter.reports.flatMap(({ line, column, message, ruleId }) => {
    const meaning = meanings[ruleId];
    if (!meaning) return [];
    const [id, severity] = meaning;
    return [{ ruleId: id, severity, message: message.trim(), region: pointAt(line, column), analyser: "solhint" }];
  });
}

function checkers(reporter: Reporter, unit: Unit): object[] {
  // Constructors need no visibility since 0.7, and are not meant by the rule before.
  const config = { getObjectPropertyBoolean: () => true };
  const simple = [
    AvoidCallValue,
    AvoidLowLevelCalls,
    AvoidSha3,
    AvoidSuicide,
    AvoidThrow,
    AvoidTxOrigin,
    CheckSendResult,
    MultipleSends,
    NoComplexFallback,
    NoInlineAssembly,
    NoUncheckedCalls,
    NotRelyOnBlockHash,
    NotRelyOnTime,
    StateVisibility,
  ].map((Rule) => new Rule(reporter));
  return [...simple, new FuncVisibility(reporter, config), new Reentrancy(reporter, unit.source)];
}
