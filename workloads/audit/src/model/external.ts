import { rootIdentifier, type FunctionModel } from "./function.js";
import type { ContractModel } from "./contract.js";
import { isAtLeast } from "./version.js";
import { type ASTNode, isA, type NodeOf } from "./walk.js";

/** A call of another contract's function by its name, such as `token.transfer(to, amount)`. */
export interface ExternalCall {
  readonly target: ASTNode;
  readonly method: string;
  /** Whether the function called promises not to write. */
  readonly isReadOnly: boolean;
}

/** `node` as a call of another contract; undefined where it is not one, or its type's source is not given. */
export function externalCall(node: NodeOf<"FunctionCall">, fn: FunctionModel): ExternalCall | undefined {
  const callee = isA(node.expression, "NameValueExpression") ? node.expression.expression : node.expression;
  if (!isA(callee, "MemberAccess")) return undefined;
  const type = contractTypeOf(callee.expression, fn);
  if (!type || type.kind === "library") return undefined;
  const methods = type.allFunctions.filter(({ name }) => name === callee.memberName);
  if (methods.length === 0 && type.allFunctions.length > 0 && !type.variables.has(callee.memberName)) return undefined;
  const promises =
    type.variables.has(callee.memberName) || (methods.length > 0 && methods.every((method) => method.isReadOnly));
  // Before 0.5 the promise was not kept by a static call.
  const isReadOnly = promises && isAtLeast(fn.contract.compilers.oldest, [0, 5, 0]);
  return { target: callee.expression, method: callee.memberName, isReadOnly };
}

/** The contract type of an expression: a variable declared so, or a conversion `Type(address)`. */
function contractTypeOf(expression: ASTNode, fn: FunctionModel): ContractModel | undefined {
  if (isA(expression, "FunctionCall")) {
    const isConversion = isA(expression.expression, "Identifier") && expression.arguments.length === 1;
    return isConversion && isA(expression.expression, "Identifier")
      ? fn.contract.contractNamed(expression.expression.name)
      : undefined;
  }
  const root = rootIdentifier(expression);
  const variable = root && (fn.locals.get(root.name) ?? fn.contract.variables.get(root.name));
  let type: ASTNode | null | undefined = variable?.typeName;
  for (let at: ASTNode = expression; isA(at, "IndexAccess"); at = at.base) {
    if (isA(type, "Mapping")) type = type.valueType;
    else if (isA(type, "ArrayTypeName")) type = type.baseTypeName;
  }
  if (isA(expression, "MemberAccess") || !isA(type, "UserDefinedTypeName")) return undefined;
  return fn.contract.contractNamed(type.namePath);
}
