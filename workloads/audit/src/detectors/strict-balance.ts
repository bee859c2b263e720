import { isComparison, isOwnBalance, unwrapped } from "../model/expressions.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Strict equality with the balance (DASP 10, SWC-132): ether can be forced into any contract by selfdestruct or as a block
 * reward, after which the balance is never the expected one again.
 */
export const strictBalance: Detector = {
  ruleId: "strict-balance",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const node of findAll(fn.node.body, "BinaryOperation").filter(isComparison)) {
        if (node.operator !== "==" && node.operator !== "!=") continue;
        const sides = [unwrapped(node.left), unwrapped(node.right)];
        if (!sides.some(isOwnBalance) || sides.some((side) => isA(side, "NumberLiteral") && Number(side.number) === 0))
          continue;
        yield { node, message: "Anyone can send ether by force, and the balance is never exactly this again." };
      }
    }
  },
};
