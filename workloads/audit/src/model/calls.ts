import { type ASTNode, findAll, isA, type NodeOf } from "./walk.js";

/** The members of an address that hand over control or ether. */
export const lowLevelKinds = ["call", "delegatecall", "callcode", "staticcall", "send", "transfer"] as const;
export type LowLevelKind = (typeof lowLevelKinds)[number];

/** A call on an address, in whichever of the forms the language has had. */
export interface LowLevelCall {
  readonly kind: LowLevelKind;
  /** The outermost call, whose value is the result. */
  readonly node: NodeOf<"FunctionCall">;
  /** The address called. */
  readonly target: ASTNode;
  /** The ether sent along. */
  readonly value: ASTNode | undefined;
  /** What is called with: the amount of `send` and `transfer`, the call data of the others. */
  readonly inputs: readonly ASTNode[];
}

/** Every low-level call in `node`, each once. */
export function lowLevelCalls(node: ASTNode | null | undefined): LowLevelCall[] {
  return findAll(node, "FunctionCall").flatMap((call) => lowLevelCall(call) ?? []);
}

/**
 * `node` as a low-level call: `a.call(data)`, `a.call{value: v}(data)`, `a.call.value(v).gas(g)(data)`, `a.send(v)` or
 * `a.transfer(v)`. A `transfer` with two arguments is a token's.
 */
export function lowLevelCall(node: NodeOf<"FunctionCall">): LowLevelCall | undefined {
  let value: ASTNode | undefined;
  let callee: ASTNode = node.expression;
  for (;;) {
    if (isA(callee, "NameValueExpression")) {
      value = callee.arguments.arguments[callee.arguments.names.indexOf("value")] ?? value;
      callee = callee.expression;
    } else if (isA(callee, "FunctionCall") && isA(callee.expression, "MemberAccess")) {
      if (callee.expression.memberName === "value") value = callee.arguments[0];
      else if (callee.expression.memberName !== "gas") return undefined;
      callee = callee.expression.expression;
    } else break;
  }
  if (!isA(callee, "MemberAccess")) return undefined;
  const kind = lowLevelKinds.find((name) => name === callee.memberName);
  if (kind === undefined || isOption(node)) return undefined;
  const paysOut = kind === "send" || kind === "transfer";
  if (paysOut && node.arguments.length !== 1) return undefined;
  return { kind, node, target: callee.expression, value: paysOut ? node.arguments[0] : value, inputs: node.arguments };
}

/** Whether the call only sets an option, as the `.value(v)` of `a.call.value(v)()` does. */
function isOption(node: NodeOf<"FunctionCall">): boolean {
  return isA(node.expression, "MemberAccess") && ["value", "gas"].includes(node.expression.memberName);
}

/** Whether the call lets the called code do as it likes: `send` and `transfer` leave it too little gas, a static call no writes. */
export function handsOverControl({ kind }: LowLevelCall): boolean {
  return kind === "call" || kind === "delegatecall" || kind === "callcode";
}

/** Whether ether leaves by it. */
export function paysEther({ kind, value }: LowLevelCall): boolean {
  if (kind === "send" || kind === "transfer") return true;
  return value !== undefined && !(isA(value, "NumberLiteral") && Number(value.number) === 0);
}
