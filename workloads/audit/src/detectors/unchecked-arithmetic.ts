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

/** A comparison of size with anything but zero, of the operand itself or of the result with an operand (`c >= a`). */
function isBounded(node: NodeOf<"BinaryOperation">, operands: readonly ASTNode[], fn: FunctionModel): boolean {
  const given = operands
    .flatMap((operand) => findAll(operand, "Identifier").map(({ name }) => name))
    .filter((name) => name !== "msg");
  return findAll(fn.node.body, "BinaryOperation").some((comparison) => {
    if (!isComparison(comparison) || ["==", "!="].includes(comparison.operator)) return false;
    const sides = [comparison.left, comparison.right];
    if (sides.some((side) => isNumber(side) && Number(side.number) === 0)) return false;
    return mentions(comparison, given) && !isLoopCondition(comparison);
  });
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

/** `add`, `safeSub` and the like, which check by their result. */
function isSafeMath({ name }: FunctionModel): boolean {
  return /^_?(safe_?)?(add|sub|mul|div|mod|pow)\w{0,3}$/i.test(name);
}
