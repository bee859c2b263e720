import { lowLevelCalls, paysEther } from "../model/calls.js";
import { effectsOf } from "../model/effects.js";
import { isGuarded } from "../model/guards.js";
import { isA, parentOf } from "../model/walk.js";
import type { Detector } from "./detector.js";
import { entriesOf } from "./scope.js";

/**
 * A payment that must succeed (DASP 5, SWC-113): the one to be replaced is paid first, and by refusing the ether stays for ever
 * ("King of the Ether Throne", 2016). Reported where a stored address is paid, and written, in a function open to anyone.
 */
export const blockingPayment: Detector = {
  ruleId: "blocking-payment",
  *find(unit) {
    for (const fn of entriesOf(unit).filter((entry) => !isGuarded(entry))) {
      const written = new Set(effectsOf(fn).flatMap((effect) => (effect.kind === "write" ? [effect.variable] : [])));
      for (const call of lowLevelCalls(fn.node.body).filter(paysEther)) {
        const receiver = fn.storageOf(call.target)?.name;
        const isAllowedToFail = call.kind !== "transfer" && isA(parentOf(call.node), "ExpressionStatement");
        if (
          !receiver ||
          !written.has(receiver) ||
          isAllowedToFail ||
          isMapping(fn.contract.variables.get(receiver)?.typeName?.type)
        )
          continue;
        yield {
          node: call.node,
          message: `"${receiver}" can refuse this payment, and nobody takes its place any more.`,
        };
      }
    }
  },
};

/** Everyone's own entry blocks nobody else. */
function isMapping(type: string | undefined): boolean {
  return type === "Mapping";
}
