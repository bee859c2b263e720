import { findAll, isA, type NodeOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * A swap without a limit (DASP 7, SWC-114): an exchange by Uniswap's router interface that accepts any amount back invites a
 * trade before and one after it ("sandwich").
 */
export const missingSlippageLimit: Detector = {
  ruleId: "missing-slippage-limit",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const node of findAll(fn.node.body, "FunctionCall").filter(isSwap)) {
        // Exact ether in: the limit is first; exact tokens in: it is second.
        const limit = node.arguments[isA(node.expression, "NameValueExpression") ? 0 : 1];
        if (!isA(limit, "NumberLiteral") || Number(limit.number) > 1) continue;
        yield { node, message: "This swap accepts any price; ask for the least amount that the user accepts." };
      }
    }
  },
};

function isSwap({ expression }: NodeOf<"FunctionCall">): boolean {
  const callee = isA(expression, "NameValueExpression") ? expression.expression : expression;
  return isA(callee, "MemberAccess") && /^swapExact\w+For\w+/.test(callee.memberName);
}
