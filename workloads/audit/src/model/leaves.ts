import { type ASTNode, isA } from "./walk.js";

/** Whether control never passes the end of `node`. */
export function alwaysLeaves(node: ASTNode | null): boolean {
  if (isA(node, "Block")) return alwaysLeaves((node.statements.at(-1) as ASTNode | undefined) ?? null);
  if (isA(node, "IfStatement")) return alwaysLeaves(node.trueBody) && alwaysLeaves(node.falseBody);
  if (isA(node, "ExpressionStatement") && isA(node.expression, "FunctionCall")) {
    return isA(node.expression.expression, "Identifier") && node.expression.expression.name === "revert";
  }
  return isA(node, "ReturnStatement") || isA(node, "RevertStatement") || isA(node, "ThrowStatement");
}
