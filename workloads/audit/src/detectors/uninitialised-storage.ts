import { isAtLeast } from "../model/version.js";
import { type ASTNode, findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Uninitialised storage pointer (DASP 10, SWC-109): before 0.5 a local struct or array without a value was a pointer to slot 0,
 * and writing it overwrote the first state variables. Later compilers refuse it.
 */
export const uninitialisedStorage: Detector = {
  ruleId: "uninitialised-storage",
  *find(unit) {
    if (isAtLeast(unit.compilers.oldest, [0, 5, 0])) return;
    for (const fn of functionsOf(unit)) {
      for (const { variables, initialValue } of findAll(fn.node.body, "VariableDeclarationStatement")) {
        const node = variables[0] as ASTNode | null | undefined;
        if (initialValue !== null || !isA(node, "VariableDeclaration") || node.storageLocation === "memory") continue;
        const type = node.typeName;
        const isReference =
          isA(type, "ArrayTypeName") || (isA(type, "UserDefinedTypeName") && fn.contract.hasStruct(type.namePath));
        if (isReference)
          yield {
            node,
            message: `"${node.name}" points at the contract's first slot; writing to it overwrites state.`,
          };
      }
    }
  },
};
