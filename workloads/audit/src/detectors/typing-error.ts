import { isNumber } from "../model/expressions.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";

/**
 * Typographical errors (DASP 10, SWC-129): `a =+ b` assigns instead of adding, and `0 <= a` is true of every unsigned number.
 */
export const typingError: Detector = {
  ruleId: "typing-error",
  *find({ ast, source }) {
    for (const node of findAll(ast, "BinaryOperation")) {
      const { operator, left, right } = node;
      if (operator === "=" && isA(right, "UnaryOperation") && ["+", "-"].includes(right.operator)) {
        const [start] = right.range ?? [0];
        if (source[start - 1] === "=" && source[start + 1] === " ")
          yield { node, message: `"=${right.operator}" assigns; "${right.operator}=" was probably meant.` };
      }
      const isAlwaysTrue = (operator === "<=" && isZero(left)) || (operator === ">=" && isZero(right));
      const length = operator === "<=" ? right : left;
      if (isAlwaysTrue && isA(length, "MemberAccess") && length.memberName === "length") {
        yield { node, message: "A length is never below zero, so this is always true." };
      }
    }
  },
};

function isZero(node: Parameters<typeof isNumber>[0]): boolean {
  return isNumber(node) && Number(node.number) === 0;
}
