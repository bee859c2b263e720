import { lowLevelCalls, paysEther } from "../model/calls.js";
import { isCaller, unwrapped } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isForSome } from "../model/guards.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * Transaction order dependence (DASP 7, SWC-114): what a caller is paid stands in one variable for all, and another function
 * assigns it, so that the payment depends on whose transaction comes first.
 */
export const orderDependentPayment: Detector = {
  ruleId: "order-dependent-payment",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      for (const { node, target, value } of lowLevelCalls(fn.node.body).filter(paysEther)) {
        const amount = isA(value, "Identifier") ? fn.stateVariable(value.name) : undefined;
        if (!amount?.name || !isCaller(unwrapped(target)) || isForSome(fn, node)) continue;
        const name = amount.name;
        const setter = fn.contract.allFunctions.find(
          (other) => other.isEntry && other.node !== fn.node && assigns(other, name),
        );
        if (!setter) continue;
        yield {
          node,
          message: `"${setter.name}" can change "${name}" in a transaction that comes before this payment.`,
        };
      }
    }
  },
};

function assigns(fn: FunctionModel, variable: string): boolean {
  return findAll(fn.node.body, "BinaryOperation").some(
    ({ operator, left, right }) =>
      operator === "=" && fn.storageOf(left)?.name === variable && !isA(right, "NumberLiteral"),
  );
}
