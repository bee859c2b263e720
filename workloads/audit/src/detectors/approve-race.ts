import { isCaller, isComparison, mentions } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { type ASTNode, findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * The allowance race of ERC-20 (DASP 7, SWC-114; "ERC20 API: An Attack Vector on the Approve/TransferFrom Methods", Vladimirov
 * and Khovratovich 2016): a spender who sees the change coming spends the old allowance and then the new one.
 */
export const approveRace: Detector = {
  ruleId: "approve-race",
  *find(unit) {
    for (const fn of entriesOf(unit).filter(({ name, node }) => name === "approve" && node.parameters.length === 2)) {
      const [, value] = fn.parameterNames;
      const write = findAll(fn.node.body, "BinaryOperation").find(
        ({ operator, left }) => operator === "=" && isAllowance(left),
      );
      if (!write || !value || isComparedFirst(value, fn) || canBeChangedByDifference(fn)) continue;
      yield {
        node: fn.node,
        message: "A spender who sees this change coming can spend the old allowance and the new one.",
      };
    }
  },
};

/** `allowance[msg.sender][spender]`. */
function isAllowance(node: ASTNode): boolean {
  return isA(node, "IndexAccess") && isA(node.base, "IndexAccess") && isCaller(node.base.index);
}

function isComparedFirst(value: string, fn: FunctionModel): boolean {
  return findAll(fn.node.body, "BinaryOperation").some((node) => isComparison(node) && mentions(node, [value]));
}

function canBeChangedByDifference(fn: FunctionModel): boolean {
  return fn.contract.allFunctions.some(({ name }) => /^increase(Allowance|Approval)$/.test(name));
}
