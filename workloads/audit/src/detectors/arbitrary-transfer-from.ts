import { isName, mentions } from "../model/expressions.js";
import { conditionsIn, isGuarded } from "../model/guards.js";
import { findAll, isA, isWithin, type NodeOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * Arbitrary `from` in transferFrom (DASP 2; named by Slither's detector "arbitrary-send-erc20"): whoever has approved the
 * contract can be robbed by anyone who names them.
 */
export const arbitraryTransferFrom: Detector = {
  ruleId: "arbitrary-transfer-from",
  *find(unit) {
    for (const fn of entriesOf(unit).filter((entry) => !/transferFrom/i.test(entry.name))) {
      for (const node of findAll(fn.node.body, "FunctionCall")) {
        if (!isA(node.expression, "MemberAccess") || !/^(safe)?transferFrom$/i.test(node.expression.memberName))
          continue;
        if (isName(node.expression.expression, "super")) continue;
        const from = node.arguments.length === 4 ? node.arguments[1] : node.arguments[0];
        const isParameter = isA(from, "Identifier") && fn.parameterNames.includes(from.name);
        if (!isParameter || isGuarded(fn, node)) continue;
        const isAsked =
          conditionsIn(fn.node.body).some(
            (condition) => !isWithin(node, condition) && mentions(condition, [from.name]),
          ) || findAll(fn.node.body, "FunctionCall").some(isPermission);
        if (!isAsked)
          yield {
            node,
            message: `Tokens of any account that has approved this contract can be taken by naming it as "${from.name}".`,
          };
      }
    }
  },
};

/** The account's consent: an allowance that is spent, or a signed permit. */
function isPermission({ expression }: NodeOf<"FunctionCall">): boolean {
  const name = isA(expression, "MemberAccess")
    ? expression.memberName
    : isA(expression, "Identifier")
      ? expression.name
      : "";
  return name === "_spendAllowance" || /permit/i.test(name);
}
