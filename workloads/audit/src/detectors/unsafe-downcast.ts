import { isComparison, mentions } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { type ASTNode, findAll, isA, parentOf } from "../model/walk.js";
import { isAssignment } from "../model/expressions.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Unsafe downcast (DASP 3, SWC-101): a conversion to a smaller integer keeps the low bits, also since 0.8. Reported where the
 * number was given by the caller and nothing compares it.
 */
export const unsafeDowncast: Detector = {
  ruleId: "unsafe-downcast",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const node of findAll(fn.node.body, "FunctionCall")) {
        const bits = isA(node.expression, "ElementaryTypeName") ? integerBits(node.expression.name) : undefined;
        const [operand] = node.arguments;
        if (bits === undefined || !isA(operand, "Identifier") || !fn.parameterNames.includes(operand.name)) continue;
        const operandBits = integerBits(nameOfType(fn.locals.get(operand.name)?.typeName));
        if (operandBits === undefined || operandBits <= bits || isCompared(operand.name, fn)) continue;
        const severity = fn.isEntry && !fn.isReadOnly && isStored(node, fn) ? "medium" : "low";
        yield {
          node,
          message: `"${operand.name}" has ${operandBits} bits, of which only the lowest ${bits} are kept.`,
          severity,
        };
      }
    }
  },
};

/** The width of `uint64` and `int64`, 256 where none is said. */
function integerBits(type: string | undefined): number | undefined {
  const match = type?.match(/^u?int(\d*)$/);
  return match ? Number(match[1] || 256) : undefined;
}

function nameOfType(type: ASTNode | null | undefined): string | undefined {
  return isA(type, "ElementaryTypeName") ? type.name : undefined;
}

function isCompared(name: string, fn: FunctionModel): boolean {
  return findAll(fn.node.body, "BinaryOperation").some((node) => isComparison(node) && mentions(node, [name]));
}

function isStored(node: ASTNode, fn: FunctionModel): boolean {
  const around = parentOf(node);
  return isAssignment(around) && fn.storageOf(around.left) !== undefined;
}
