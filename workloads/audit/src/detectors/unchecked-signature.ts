import { isCallOf, isComparison, unwrapped } from "../model/expressions.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Missing check of ecrecover (DASP 2, SWC-122): it answers the zero address for an invalid signature, which equals every signer
 * that was never set.
 */
export const uncheckedSignature: Detector = {
  ruleId: "unchecked-signature",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      const asksForZero = findAll(fn.node.body, "BinaryOperation")
        .filter(isComparison)
        .some(({ left, right }) => [left, right].some((side) => isZero(unwrapped(side))));
      if (asksForZero) continue;
      for (const node of findAll(fn.node.body, "FunctionCall").filter((call) => isCallOf(call, ["ecrecover"]))) {
        yield {
          node,
          message: "ecrecover answers the zero address for an invalid signature, and nothing here asks for it.",
        };
      }
    }
  },
};

function isZero(node: ReturnType<typeof unwrapped>): boolean {
  return isA(node, "NumberLiteral") && Number(node.number) === 0;
}
