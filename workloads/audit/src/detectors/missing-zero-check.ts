import { isComparison, mentions } from "../model/expressions.js";
import { findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf, soundsPrivileged } from "./scope.js";

/** A missing check for the zero address (DASP 9 in spirit: an address left empty): the contract loses its owner for good. */
export const missingZeroCheck: Detector = {
  ruleId: "missing-zero-check",
  *find(unit) {
    for (const fn of functionsOf(unit).filter((candidate) => candidate.isEntry || candidate.isConstructor)) {
      for (const node of findAll(fn.node.body, "BinaryOperation").filter(({ operator }) => operator === "=")) {
        const { left, right } = node;
        if (!isA(left, "Identifier") || !isA(right, "Identifier") || !fn.parameterNames.includes(right.name)) continue;
        const type = fn.stateVariable(left.name)?.typeName;
        if (!isA(type, "ElementaryTypeName") || type.name !== "address" || !soundsPrivileged(left.name)) continue;
        const isAsked = findAll(fn.node.body, "BinaryOperation").some(
          (other) => isComparison(other) && mentions(other, [right.name]),
        );
        if (!isAsked)
          yield { node, message: `"${right.name}" may be the zero address, which can never act as "${left.name}".` };
      }
    }
  },
};
