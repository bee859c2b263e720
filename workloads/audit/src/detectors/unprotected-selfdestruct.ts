import { isCallOf } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isGuarded } from "../model/guards.js";
import { findAll } from "../model/walk.js";
import { entriesOf, functionsOf } from "./scope.js";
import type { Detector } from "./detector.js";

/** Unprotected selfdestruct (DASP 2, SWC-106): anyone may end the contract and, by the address given, take its ether. */
export const unprotectedSelfdestruct: Detector = {
  ruleId: "unprotected-selfdestruct",
  *find(unit) {
    for (const fn of functionsOf(unit).filter(({ isConstructor }) => !isConstructor)) {
      for (const node of findAll(fn.node.body, "FunctionCall").filter((call) =>
        isCallOf(call, ["selfdestruct", "suicide"]),
      )) {
        if (isGuarded(fn, node)) continue;
        if (!fn.isEntry && !entriesOf(unit).some((entry) => !isGuarded(entry) && calls(entry, fn))) continue;
        yield { node, message: `Anyone who calls "${fn.name || "fallback"}" destroys the contract.` };
      }
    }
  },
};

function calls(entry: FunctionModel, fn: FunctionModel): boolean {
  return findAll(entry.node.body, "FunctionCall").some((call) => isCallOf(call, [fn.name]));
}
