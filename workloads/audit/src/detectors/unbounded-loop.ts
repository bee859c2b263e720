import type { ContractModel } from "../model/contract.js";
import { effectsOf } from "../model/effects.js";
import { isComparison } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isGuarded } from "../model/guards.js";
import { lowLevelCalls } from "../model/calls.js";
import { type ASTNode, findAll, isA, type NodeOf, walk } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf, isLoop } from "./scope.js";

/**
 * Denial of service by the block gas limit (DASP 5, SWC-128): a loop that writes or pays once for each element of storage that
 * anyone can make longer, or the clearing of such an array at once.
 */
export const unboundedLoop: Detector = {
  ruleId: "unbounded-loop",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      for (const loop of walk(fn.node.body as ASTNode).filter(isLoop)) {
        const variable = boundOf(loop, fn);
        if (!variable || !isCostly(loop, fn) || !grows(variable, fn.contract)) continue;
        yield {
          node: loop,
          message: `The loop runs once per entry of "${variable}", which anyone can make too long for a block.`,
        };
      }
      for (const node of findAll(fn.node.body, "BinaryOperation").filter(({ operator }) => operator === "=")) {
        const variable = fn.storageOf(node.left)?.name;
        if (!variable || !isNewArray(node.right) || !grows(variable, fn.contract)) continue;
        yield {
          node,
          message: `Clearing "${variable}" costs gas for every entry, which anyone can make too many for a block.`,
        };
      }
    }
  },
};

/** The state variable that says how often the loop runs. */
function boundOf(loop: ASTNode, fn: FunctionModel): string | undefined {
  const condition = isA(loop, "ForStatement")
    ? loop.conditionExpression
    : isA(loop, "WhileStatement")
      ? loop.condition
      : undefined;
  if (!isComparison(condition)) return undefined;
  for (const side of [condition.right, condition.left]) {
    const array = isA(side, "MemberAccess") && side.memberName === "length" ? side.expression : side;
    const variable = fn.storageOf(array);
    if (variable?.name && !variable.isDeclaredConst && !variable.isImmutable) return variable.name;
  }
  return undefined;
}

function isCostly(loop: ASTNode, fn: FunctionModel): boolean {
  const body = (loop as { body?: ASTNode }).body;
  return (
    lowLevelCalls(body).length > 0 ||
    effectsOf(fn).some(({ kind, node }) => kind === "write" && body !== undefined && walk(body).includes(node))
  );
}

/** Whether a function open to anyone makes it longer or larger. */
function grows(variable: string, contract: ContractModel): boolean {
  return contract.allFunctions.some(
    (fn) => fn.isEntry && !isGuarded(fn) && growths(fn).some((target) => fn.storageOf(target)?.name === variable),
  );
}

/** What `fn` pushes to, adds to, increments, or makes an entry of the next place in. */
function growths(fn: FunctionModel): ASTNode[] {
  const pushed = findAll(fn.node.body, "MemberAccess")
    .filter(({ memberName }) => memberName === "push")
    .map(({ expression }) => expression);
  const counted = findAll(fn.node.body, "UnaryOperation")
    .filter(({ operator }) => operator === "++")
    .map(({ subExpression }) => subExpression);
  const assigned = findAll(fn.node.body, "BinaryOperation")
    .filter(isGrowth)
    .map(({ left }) => left);
  return [...pushed, ...counted, ...assigned];
}

function isGrowth({ operator, left }: NodeOf<"BinaryOperation">): boolean {
  if (operator === "+=") return true;
  return (
    operator === "=" &&
    isA(left, "IndexAccess") &&
    isA(left.index, "MemberAccess") &&
    left.index.memberName === "length"
  );
}

function isNewArray(node: ASTNode): boolean {
  return (
    isA(node, "FunctionCall") && isA(node.expression, "NewExpression") && isA(node.expression.typeName, "ArrayTypeName")
  );
}
