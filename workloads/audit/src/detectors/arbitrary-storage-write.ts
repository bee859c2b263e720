import { isAssignment, mentions } from "../model/expressions.js";
import { isGuarded } from "../model/guards.js";
import { type ASTNode, findAll, isA } from "../model/walk.js";
import { isAtLeast } from "../model/version.js";
import type { Detector } from "./detector.js";
import { entriesOf, namesFromCaller } from "./scope.js";

/**
 * Write to an arbitrary storage location (DASP 2, SWC-124): by an array whose length is set by hand (possible before 0.6; with
 * the length below zero its indices cover all of storage), or by `sstore` at a slot that the caller names.
 */
export const arbitraryStorageWrite: Detector = {
  ruleId: "arbitrary-storage-write",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      const names = namesFromCaller(fn);
      for (const node of findAll(fn.node.body, "MemberAccess").filter(({ memberName }) => memberName === "length")) {
        if (
          !isAtLeast(unit.compilers.oldest, [0, 6, 0]) &&
          fn.storageOf(node.expression) &&
          isChanged(node) &&
          !isGuarded(fn, node)
        ) {
          yield {
            node,
            message: "An array's length is set by hand; with it out of bounds every slot of storage can be written.",
          };
        }
      }
      for (const node of findAll(fn.node.body, "AssemblyCall").filter(
        ({ functionName }) => functionName === "sstore",
      )) {
        if (mentions(assemblyName(node.arguments[0]), names))
          yield { node, message: "The caller names the slot that is written here." };
      }
    }
  },
};

/** In assembly a name is a call without arguments. */
function assemblyName(node: ASTNode | undefined): ASTNode | undefined {
  return isA(node, "AssemblyCall") && node.arguments.length === 0
    ? { type: "Identifier", name: node.functionName }
    : node;
}

function isChanged(length: ASTNode): boolean {
  const around = (length as { parent?: ASTNode }).parent;
  if (isA(around, "UnaryOperation")) return around.operator === "--";
  return (
    isAssignment(around) &&
    around.left === length &&
    !(isA(around.right, "NumberLiteral") && Number(around.right.number) === 0)
  );
}
