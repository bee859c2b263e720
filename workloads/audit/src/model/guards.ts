import { isCaller, isCallOf, isComparison, isMember, isName, mentions, unwrapped } from "./expressions.js";
import type { FunctionModel } from "./function.js";
import { alwaysLeaves } from "./leaves.js";
import { ancestorsOf, type ASTNode, contains, findAll, isA, isBefore, type NodeOf } from "./walk.js";

/** How many calls deep a check is looked for: `onlyOwner` calls `_checkOwner`, which calls `owner`. */
const maxDepth = 4;

/** Names that say "only some may" or "only once", for modifiers and checks whose source is not given. */
const guardNames = /only|auth|admin|owner|role|restricted|govern|initializ|permission|require[A-Z]/i;

/** Whether only certain callers, or only the first one, get to `at` (by default: anywhere) in the function. */
export function isGuarded(fn: FunctionModel, at?: ASTNode): boolean {
  return isForSome(fn, at) || isOnce(fn.node.body, fn) || modifiersOf(fn).some((modifier) => isOnce(modifier.body, fn));
}

/** Whether only certain callers get to `at` (by default: anywhere) in the function. */
export function isForSome(fn: FunctionModel, at?: ASTNode): boolean {
  const isUnknownGuard = fn.node.modifiers.some(
    ({ name }) => !fn.contract.modifierNamed(name) && !fn.contract.contractNamed(name) && guardNames.test(name),
  );
  return (
    isUnknownGuard ||
    modifiersOf(fn).some((modifier) => guards(modifier.body, fn, undefined, maxDepth)) ||
    guards(fn.node.body, fn, at, maxDepth)
  );
}

function modifiersOf(fn: FunctionModel) {
  return fn.node.modifiers.flatMap(({ name }) => fn.contract.modifierNamed(name) ?? []);
}

/** The conditions that must hold to pass: of `require`, `assert` and `if`. */
export function conditionsIn(node: ASTNode | null | undefined): ASTNode[] {
  const required = findAll(node, "FunctionCall")
    .filter((call) => isCallOf(call, ["require", "assert"]))
    .flatMap((call) => call.arguments.slice(0, 1));
  return [...required, ...findAll(node, "IfStatement").map(({ condition }) => condition)];
}

/** Whether `body` checks the caller before it comes to `at`. */
function guards(body: ASTNode | null, fn: FunctionModel, at: ASTNode | undefined, depth: number): boolean {
  const comesFirst = (node: ASTNode) => at === undefined || isBefore(node, at);
  if (conditionsIn(body).some((condition) => comesFirst(condition) && checksCaller(condition, fn, depth))) return true;
  return findAll(body, "FunctionCall").some((call) => comesFirst(call) && isCheckingCall(call, fn, depth));
}

/** Whether a condition compares the caller with someone, or looks the caller up in a list of the allowed. */
function checksCaller(condition: ASTNode, fn: FunctionModel, depth: number): boolean {
  return (
    findAll(condition, "BinaryOperation").some(
      (part) =>
        (part.operator === "==" || part.operator === "!=") &&
        ((isCaller(part.left) && !isExternalAccountTest(part.right)) ||
          (isCaller(part.right) && !isExternalAccountTest(part.left))),
    ) ||
    findAll(condition, "IndexAccess").some((access) => isCaller(access.index) && !isCompared(access)) ||
    findAll(condition, "FunctionCall").some((call) => isCheckingCall(call, fn, depth) || isQuestionAboutCaller(call))
  );
}

/** `tx.origin == msg.sender` asks whether the caller is a contract, zero whether there is one: neither picks anyone. */
function isExternalAccountTest(other: ASTNode): boolean {
  return isMember(other, "tx", "origin") || isA(unwrapped(other), "NumberLiteral");
}

/** A looked-up number that is compared in size is an account's balance, not a permission. */
function isCompared(access: ASTNode): boolean {
  for (const around of ancestorsOf(access)) {
    if (isComparison(around)) return !["==", "!="].includes(around.operator) || isA(around.right, "NumberLiteral");
    if (!isA(around, "MemberAccess") && !isA(around, "IndexAccess") && !isA(around, "TupleExpression")) return false;
  }
  return false;
}

/** `hasRole(ROLE, msg.sender)`, `isOwner(msg.sender)` and the like, also of another contract. */
function isQuestionAboutCaller(call: ASTNode): boolean {
  if (!isA(call, "FunctionCall") || !call.arguments.some(isCaller)) return false;
  const callee = isA(call.expression, "MemberAccess")
    ? call.expression.memberName
    : isA(call.expression, "Identifier") && call.expression.name;
  return typeof callee === "string" && /^(_?(is|has|can|check|only))|allowed|authori[sz]ed|verify/i.test(callee);
}

function isCheckingCall(call: ASTNode, fn: FunctionModel, depth: number): boolean {
  if (!isA(call, "FunctionCall") || !isA(call.expression, "Identifier")) return false;
  const { name } = call.expression;
  if (["require", "assert", "revert"].includes(name) || depth === 0) return false;
  const callee = fn.contract.functionNamed(name, call.arguments.length);
  if (callee)
    return guards(callee.node.body, callee, undefined, depth - 1) || comparesParameterGivenCaller(call, callee);
  return /^_?(check|only|require|authorize|ensure|validate)[A-Z_]/.test(name) && guardNames.test(name);
}

/** `_checkRole(role, msg.sender)`: the caller is checked under a parameter's name. */
function comparesParameterGivenCaller(call: ASTNode, callee: FunctionModel): boolean {
  if (!isA(call, "FunctionCall")) return false;
  const given = call.arguments.flatMap((argument, i) => (isCaller(argument) ? [callee.parameterNames[i] ?? ""] : []));
  return given.length > 0 && conditionsIn(callee.node.body).some((condition) => mentions(condition, given));
}

/** Whether the code runs once: a state variable is required to be unset, and then set. */
function isOnce(body: ASTNode | null, fn: FunctionModel): boolean {
  const written = findAll(body, "BinaryOperation")
    .filter(({ operator }) => operator === "=")
    .flatMap(({ left }) => fn.storageOf(left)?.name ?? [])
    .filter((name) => !fn.locals.has(name));
  const required = findAll(body, "FunctionCall")
    .filter((call) => isCallOf(call, ["require", "assert"]))
    .some((call) => written.some((name) => isUnsetTest(call.arguments[0], name)));
  return (
    required || findAll(body, "IfStatement").some((statement) => written.some((name) => endsIfSet(statement, name)))
  );
}

/** `if (done) revert()`, or everything in `if (!done) {...}`. */
function endsIfSet({ condition, trueBody }: NodeOf<"IfStatement">, name: string): boolean {
  return alwaysLeaves(trueBody) ? isSetTest(condition, name) : isUnsetTest(condition, name);
}

/** `!done` or `owner == address(0)`, also as a part of the condition. */
function isUnsetTest(condition: ASTNode | undefined, name: string): boolean {
  return contains(
    condition,
    (node) =>
      (isA(node, "UnaryOperation") && node.operator === "!" && isName(unwrapped(node.subExpression), name)) ||
      comparesToZero(node, "==", name),
  );
}

/** `done` or `owner != address(0)`. */
function isSetTest(condition: ASTNode, name: string): boolean {
  return isName(condition, name) || contains(condition, (node) => comparesToZero(node, "!=", name));
}

function comparesToZero(node: ASTNode, operator: string, name: string): boolean {
  if (!isA(node, "BinaryOperation") || node.operator !== operator) return false;
  const sides = [unwrapped(node.left), unwrapped(node.right)];
  return sides.some((side) => isName(side, name)) && sides.some(isZero);
}

function isZero(node: ASTNode | undefined): boolean {
  return (isA(node, "NumberLiteral") && Number(node.number) === 0) || (isA(node, "BooleanLiteral") && !node.value);
}
