import { lowLevelCalls, paysEther } from "../model/calls.js";
import { isCaller, isCallOf, isComparison, mentions, unwrapped } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { conditionsIn, isForSome } from "../model/guards.js";
import { type ASTNode, contains, findAll } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * A solution sent in the clear (DASP 7, SWC-114): whoever sees the transaction waiting sends its secret first. Reported where the
 * hash of a parameter is compared with a stored one, without the caller in it, and the caller is paid or entered for it.
 */
export const publicSecret: Detector = {
  ruleId: "public-secret",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      const condition = conditionsIn(fn.node.body).find((candidate) => comparesHash(candidate, fn));
      if (!condition || isForSome(fn, condition) || !rewardsCaller(fn)) continue;
      yield {
        node: condition,
        message:
          "The solution can be copied from the waiting transaction; commit to it with the caller's address first.",
      };
    }
  },
};

function comparesHash(condition: ASTNode, fn: FunctionModel): boolean {
  return findAll(condition, "BinaryOperation").some((node) => {
    if (!isComparison(node)) return false;
    const sides = [node.left, node.right];
    return sides.some((side, i) => isHashOfParameter(side, fn) && fn.storageOf(sides[1 - i]) !== undefined);
  });
}

function isHashOfParameter(node: ASTNode, fn: FunctionModel): boolean {
  const isHash = isCallOf(unwrapped(node), ["keccak256", "sha3", "sha256"]);
  return isHash && mentions(node, fn.parameterNames) && !contains(node, isCaller);
}

function rewardsCaller(fn: FunctionModel): boolean {
  if (lowLevelCalls(fn.node.body).some((call) => paysEther(call) && isCaller(unwrapped(call.target)))) return true;
  return findAll(fn.node.body, "BinaryOperation").some(
    ({ operator, left, right }) => operator === "=" && fn.storageOf(left) !== undefined && isCaller(unwrapped(right)),
  );
}
