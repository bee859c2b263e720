import { isAssignment, isComparison, isMadeOf, isNumber, mentions } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { ancestorsOf, type ASTNode, findAll, isA, type NodeOf, parentOf } from "../model/walk.js";
import type { Severity } from "../categories.js";
import type { Unit } from "../program/unit.js";
import type { Detector } from "./detector.js";
import { functionsOf, namesFromCaller } from "./scope.js";

/**
 * Integer overflow and underflow (DASP 3, SWC-101): a sum, difference or product of what the caller gives, before 0.8 or inside
 * `unchecked`, that no comparison bounds. Libraries (SafeMath itself) are left out: what they compute is bounded by design or by
 * their users.
 */
export const uncheckedArithmetic: Detector = {
  ruleId: "unchecked-arithmetic",
  *find(unit) {
    for (const fn of functionsOf(unit).filter((candidate) => !isSafeMath(candidate))) {
      const names = namesFromCaller(fn);
      for (const node of findAll(fn.node.body, "BinaryOperation")) {
        if (!canWrap(node, unit) || isInOther(node)) continue;
        const operands = [node.left, node.right].filter(
          (operand) => isMadeOf(operand, names) || mentionsValue(operand),
        );
        if (operands.length === 0 || isBounded(node, operands, fn)) continue;
        yield {
          node,
          message: "What the caller gives can make this wrap around; no comparison bounds it.",
          severity: severityOf(node, fn, unit.compilers.checksArithmetic),
        };
      }
    }
  },
};

const wrapping = new Set(["+", "-", "*", "+=", "-=", "*=", "**"]);

function canWrap(node: NodeOf<"BinaryOperation">, unit: Unit): boolean {
  if (!wrapping.has(node.operator) || (isNumber(node.left) && isNumber(node.right))) return false;
  return !unit.compilers.checksArithmetic || [...ancestorsOf(node)].some((around) => isA(around, "UncheckedStatement"));
}

/** `a + b` inside `a + b + c` or inside an index is reported once, or not at all. */
function isInOther(node: ASTNode): boolean {
  const around = parentOf(node);
  return isA(around, "BinaryOperation") && wrapping.has(around.operator) && !isAssignment(around);
}

function mentionsValue(node: ASTNode): boolean {
  return isA(node, "MemberAccess") && node.memberName === "value" && mentions(node, ["msg"]);
}

/**
 * Whether comparisons of size, with anything but zero, keep the operation in range: of every number given (of any one for a
 * difference), or of the result with an operand (`c >= a`).
 */
function isBounded(node: NodeOf<"BinaryOperation">, operands: readonly ASTNode[], fn: FunctionModel): boolean {
  const comparisons = findAll(fn.node.body, "BinaryOperation").filter(isBound);
  const isCompared = (operand: ASTNode) => comparisons.some((comparison) => mentions(comparison, namesIn(operand)));
  const result = resultOf(node);
  if (
    result &&
    comparisons.some(
      (comparison) =>
        mentions(comparison, [result]) && operands.some((operand) => mentions(comparison, namesIn(operand))),
    )
  )
    return true;
  return node.operator.startsWith("-") ? operands.some(isCompared) : operands.every(isCompared);
}

function isBound(node: NodeOf<"BinaryOperation">): boolean {
  const isOfSize = isComparison(node) && node.operator !== "==" && node.operator !== "!=";
  return (
    isOfSize &&
    !isLoopCondition(node) &&
    ![node.left, node.right].some((side) => isNumber(side) && Number(side.number) === 0)
  );
}

function namesIn(operand: ASTNode): string[] {
  return findAll(operand, "Identifier").flatMap(({ name }) => (name === "msg" ? [] : name));
}

/** The variable that takes the result. */
function resultOf(node: ASTNode): string | undefined {
  const around = parentOf(node);
  if (isA(around, "VariableDeclarationStatement")) return findAll(around, "VariableDeclaration")[0]?.name ?? undefined;
  return isAssignment(around) && isA(around.left, "Identifier") ? around.left.name : undefined;
}

function isLoopCondition(node: ASTNode): boolean {
  const around = parentOf(node);
  return isA(around, "ForStatement") || isA(around, "WhileStatement");
}

/** What is stored is lost, what is only looked at may be harmless; inside a contract `unchecked` is written knowingly. */
function severityOf(node: NodeOf<"BinaryOperation">, fn: FunctionModel, isKnowing: boolean): Severity {
  const assignment = [node, ...ancestorsOf(node)].find(isAssignment);
  const isStored = assignment !== undefined && fn.storageOf(assignment.left) !== undefined;
  return isStored && !fn.isReadOnly && (fn.isEntry || !isKnowing) ? "medium" : "low";
}

/** `add`, `safeSub` and the like, which answer a result that they have checked. */
function isSafeMath({ name, node }: FunctionModel): boolean {
  const answers = (node.returnParameters?.length ?? 0) > 0;
  return answers && /^_?(safe_?)?(add|sub|mul|div|mod|pow)\w{0,3}$/i.test(name);
}
