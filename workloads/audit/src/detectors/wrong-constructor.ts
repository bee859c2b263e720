import { isCaller } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isGuarded } from "../model/guards.js";
import { isAtLeast } from "../model/version.js";
import { findAll } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * Incorrect constructor name (DASP 2, SWC-118): before 0.5 a constructor could be named like its contract, so that a spelling
 * mistake or a renamed contract left it open to everyone. Reported where such a function makes its caller the owner, or bears
 * the name in another case.
 */
export const wrongConstructor: Detector = {
  ruleId: "wrong-constructor",
  *find(unit) {
    if (isAtLeast(unit.compilers.oldest, [0, 5, 0])) return;
    for (const fn of entriesOf(unit).filter((entry) => entry.name !== "")) {
      const contract = fn.contract.name.toLowerCase();
      const isMisspelt = [contract, "constructor"].includes(fn.name.toLowerCase());
      if (!isMisspelt && !(makesCallerOwner(fn) && !isGuarded(fn))) continue;
      yield {
        node: fn.node,
        message: `"${fn.name}" is no constructor of "${fn.contract.name}": anyone can call it at any time.`,
      };
    }
  },
};

/** The whole function does what constructors do: storage is set, once from the caller's address, and nothing is asked. */
function makesCallerOwner(fn: FunctionModel): boolean {
  const assignments = findAll(fn.node.body, "BinaryOperation").filter(({ operator }) => operator === "=");
  const setsCaller = assignments.some(
    ({ left, right }) => isCaller(right) && left.type === "Identifier" && fn.stateVariable(left.name),
  );
  return setsCaller && fn.node.parameters.length === 0 && fn.node.stateMutability !== "payable";
}
