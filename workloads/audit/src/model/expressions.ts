import { ancestorsOf, type ASTNode, childrenOf, contains, findAll, isA, type NodeOf } from "./walk.js";

/** Whether `node` is `object.member`, such as `msg.sender`. */
export function isMember(node: ASTNode | null | undefined, object: string, member: string): boolean {
  return (
    isA(node, "MemberAccess") &&
    node.memberName === member &&
    isA(node.expression, "Identifier") &&
    node.expression.name === object
  );
}

/** Whether `node` is the caller's address, also by OpenZeppelin's `_msgSender()` or a local variable that holds it. */
export function isCaller(node: ASTNode | null | undefined): boolean {
  const bare = unwrapped(node);
  if (isA(bare, "Identifier")) return namesOfCaller(bare).has(bare.name);
  return isMember(bare, "msg", "sender") || (isA(bare, "FunctionCall") && isName(bare.expression, "_msgSender"));
}

const namesByFunction = new WeakMap<ASTNode, ReadonlySet<string>>();

/** The local variables that hold the caller's address in the function around `node`. */
function namesOfCaller(node: ASTNode): ReadonlySet<string> {
  const fn = [...ancestorsOf(node)].find(
    (around) => isA(around, "FunctionDefinition") || isA(around, "ModifierDefinition"),
  );
  if (!fn) return new Set();
  const known = namesByFunction.get(fn);
  if (known) return known;
  // Kept before it is filled: a variable may be initialised from another that is being looked up.
  const names = new Set<string>();
  namesByFunction.set(fn, names);
  for (const statement of findAll(fn, "VariableDeclarationStatement")) {
    if (!isCaller(statement.initialValue)) continue;
    for (const { name } of findAll(statement, "VariableDeclaration")) if (name !== null) names.add(name);
  }
  return names;
}

/** Whether `node` is the identifier `name`. */
export function isName(node: ASTNode | null | undefined, name: string): boolean {
  return isA(node, "Identifier") && node.name === name;
}

/** Whether the value of `node` depends on any of these names: what only says which entry is meant does not count. */
export function isMadeOf(node: ASTNode | null | undefined, names: ReadonlySet<string>): boolean {
  if (!node) return false;
  if (isA(node, "IndexAccess")) return isMadeOf(node.base, names);
  return isA(node, "Identifier") ? names.has(node.name) : childrenOf(node).some((child) => isMadeOf(child, names));
}

/** Whether `node` mentions any of these names. */
export function mentions(node: ASTNode | null | undefined, names: Iterable<string>): boolean {
  const set = new Set(names);
  return contains(node, (at) => isA(at, "Identifier") && set.has(at.name));
}

/** `node` without parentheses and without conversions such as `payable(x)` or `address(x)`. */
export function unwrapped(node: ASTNode | null | undefined): ASTNode | undefined {
  if (isA(node, "TupleExpression") && node.components.length === 1 && node.components[0]) {
    return unwrapped(node.components[0] as ASTNode);
  }
  if (isA(node, "FunctionCall") && node.arguments.length === 1 && isConversion(node.expression))
    return unwrapped(node.arguments[0]);
  return node ?? undefined;
}

function isConversion(callee: ASTNode): boolean {
  return isA(callee, "ElementaryTypeName") || isName(callee, "payable") || isName(callee, "address");
}

/** Whether `node` is a number written out. */
export function isNumber(node: ASTNode | null | undefined): node is NodeOf<"NumberLiteral"> {
  return isA(node, "NumberLiteral");
}

/** The operators that assign. */
const assignments = new Set(["=", "+=", "-=", "*=", "/=", "%=", "|=", "&=", "^=", "<<=", ">>="]);
export function isAssignment(node: ASTNode | null | undefined): node is NodeOf<"BinaryOperation"> {
  return isA(node, "BinaryOperation") && assignments.has(node.operator);
}

const comparisons = new Set(["<", ">", "<=", ">=", "==", "!="]);
export function isComparison(node: ASTNode | null | undefined): node is NodeOf<"BinaryOperation"> {
  return isA(node, "BinaryOperation") && comparisons.has(node.operator);
}

/** Whether `node` is a call of one of these functions by its bare name. */
export function isCallOf(node: ASTNode | null | undefined, names: readonly string[]): boolean {
  return isA(node, "FunctionCall") && isA(node.expression, "Identifier") && names.includes(node.expression.name);
}

/** The text of an expression, the same for the same expression wherever it stands. */
export function textOf(node: ASTNode | null | undefined): string {
  if (!node) return "";
  return JSON.stringify(node, (key, value: unknown) => (key === "loc" || key === "range" ? undefined : value));
}

/** Whether `node` is the contract's own ether: `address(this).balance`, or `this.balance` of old. */
export function isOwnBalance(node: ASTNode | null | undefined): boolean {
  return isA(node, "MemberAccess") && node.memberName === "balance" && isName(unwrapped(node.expression), "this");
}
