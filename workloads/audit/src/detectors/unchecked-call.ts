import { lowLevelCalls } from "../model/calls.js";
import type { FunctionModel } from "../model/function.js";
import { type ASTNode, findAll, isA, parentOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Unchecked return value of a low-level call (DASP 4, SWC-104): `call`, `delegatecall`, `callcode`, `staticcall` and `send`
 * answer false where they fail, and the contract goes on as if they had not.
 */
export const uncheckedCall: Detector = {
  ruleId: "unchecked-call",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const { kind, node } of lowLevelCalls(fn.node.body)) {
        if (kind !== "transfer" && isIgnored(node, fn))
          yield { node, message: `Whether this "${kind}" succeeded is never asked.` };
      }
    }
  },
};

function isIgnored(call: ASTNode, fn: FunctionModel): boolean {
  const around = parentOf(call);
  if (isA(around, "TupleExpression")) return isIgnored(around, fn);
  if (isA(around, "ExpressionStatement")) return true;
  if (!isA(around, "VariableDeclarationStatement")) return false;
  const success = around.variables[0] as ASTNode | null | undefined;
  if (!isA(success, "VariableDeclaration")) return true;
  return !findAll(fn.node.body, "Identifier").some(
    ({ name, range }) => name === success.name && (range?.[0] ?? 0) > (around.range?.[1] ?? 0),
  );
}
