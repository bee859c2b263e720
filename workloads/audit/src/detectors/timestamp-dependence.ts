import type { Severity } from "../categories.js";
import { isComparison } from "../model/expressions.js";
import { type ASTNode, contains, findAll, isA, type NodeOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf, isBlockTime, namesFrom } from "./scope.js";

/**
 * Dependence on the block's time (DASP 8, SWC-116): a producer can set it some seconds off. That matters where one exact second
 * decides, by equality or by a remainder; a deadline moves by the same seconds, which is reported as low.
 */
export const timestampDependence: Detector = {
  ruleId: "timestamp-dependence",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      const names = namesFrom(fn, isBlockTime);
      const isTime = (at: ASTNode) => isBlockTime(at) || (isA(at, "Identifier") && names.has(at.name));
      for (const node of findAll(fn.node.body, "BinaryOperation")) {
        const severity = weigh(node);
        if (!severity || !contains(node.operator === "%" ? node.left : node, isTime)) continue;
        yield {
          node,
          message: "The block's producer can move this time by seconds, and with it what happens here.",
          severity,
        };
      }
    }
  },
};

function weigh(node: NodeOf<"BinaryOperation">): Severity | undefined {
  if (node.operator === "%") return isTimeOfDay(node.right) ? undefined : "medium";
  if (!isComparison(node)) return undefined;
  return (node.operator === "==" || node.operator === "!=") && !isZero(node.right) ? "medium" : "low";
}

function isTimeOfDay(node: ASTNode): boolean {
  return contains(node, (at) => isA(at, "NumberLiteral") && at.subdenomination !== null);
}

/** `start == 0` asks whether a time was set at all. */
function isZero(node: ASTNode): boolean {
  return isA(node, "NumberLiteral") && Number(node.number) === 0;
}
