import { isCallOf, isMember } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { type ASTNode, findAll, isA } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { functionsOf } from "./scope.js";

/**
 * Hash collision by packed encoding (DASP 10, SWC-133): two neighbouring arguments of variable length run into each other, so
 * that ("a", "bc") and ("ab", "c") hash alike.
 */
export const packedHashCollision: Detector = {
  ruleId: "packed-hash-collision",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const hash of findAll(fn.node.body, "FunctionCall").filter((call) =>
        isCallOf(call, ["keccak256", "sha256"]),
      )) {
        const [packed] = hash.arguments;
        if (!isA(packed, "FunctionCall") || !isMember(packed.expression, "abi", "encodePacked")) continue;
        const isVariable = packed.arguments.map((argument) => hasVariableLength(argument, fn));
        if (isVariable.some((one, i) => one && isVariable[i + 1]))
          yield { node: hash, message: "Neighbours of variable length run into each other; use abi.encode." };
      }
    }
  },
};

function hasVariableLength(node: ASTNode, fn: FunctionModel): boolean {
  if (!isA(node, "Identifier")) return false;
  const type = (fn.locals.get(node.name) ?? fn.contract.variables.get(node.name))?.typeName;
  if (isA(type, "ArrayTypeName")) return type.length === null;
  return isA(type, "ElementaryTypeName") && (type.name === "string" || type.name === "bytes");
}
