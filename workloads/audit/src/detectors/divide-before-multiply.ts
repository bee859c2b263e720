import { unwrapped } from "../model/expressions.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/** Precision lost by dividing first (DASP 3; Slither's "divide-before-multiply"): what the division rounds off is multiplied. */
export const divideBeforeMultiply: Detector = {
  ruleId: "divide-before-multiply",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const node of findAll(fn.node.body, "BinaryOperation").filter(({ operator }) => operator === "*")) {
        const left = unwrapped(node.left);
        if (isA(left, "BinaryOperation") && left.operator === "/")
          yield { node, message: "Multiply first: the division has already rounded down." };
      }
    }
  },
};
