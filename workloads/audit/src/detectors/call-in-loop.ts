import { lowLevelCalls, paysEther } from "../model/calls.js";
import { isCaller, mentions, unwrapped } from "../model/expressions.js";
import { isGuarded } from "../model/guards.js";
import type { Detector } from "./detector.js";
import { functionsOf, loopAround } from "./scope.js";

/**
 * Payments in a loop (DASP 5, SWC-113): one receiver that fails, or uses up the gas, keeps all the others from being
 * paid. Low where only some may call, or where the caller gives the list and can leave that one out.
 */
export const callInLoop: Detector = {
  ruleId: "call-in-loop",
  *find(unit) {
    for (const fn of functionsOf(unit)) {
      for (const call of lowLevelCalls(fn.node.body).filter(paysEther)) {
        if (!loopAround(call.node) || isCaller(unwrapped(call.target))) continue;
        const isCallersList = mentions(call.target, fn.parameterNames);
        const severity = isCallersList || isGuarded(fn) ? "low" : "medium";
        yield {
          node: call.node,
          message: "One receiver that refuses ends the payments of all; let each fetch their own.",
          severity,
        };
      }
    }
  },
};
