import { lowLevelCalls } from "../model/calls.js";
import { isMember, mentions } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isGuarded } from "../model/guards.js";
import { type ASTNode, contains } from "../model/walk.js";
import type { Detector, Hit } from "./detector.js";
import { entriesOf, namesFromCaller } from "./scope.js";

/** Delegatecall to an untrusted callee (DASP 2, SWC-112): the caller names the code that runs on this contract's storage. */
export const controlledDelegatecall: Detector = {
  ruleId: "controlled-delegatecall",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      yield* delegatecalls(fn, ({ target }, names) =>
        mentions(target, names)
          ? "The caller names the code that this delegatecall runs on the contract's own storage."
          : undefined,
      );
    }
  },
};

/**
 * Delegatecall with the caller's input (DASP 2, SWC-112): a known library runs whichever of its functions the caller asks for, as
 * in the Parity wallet's fallback function.
 */
export const delegatecallWithInput: Detector = {
  ruleId: "delegatecall-with-input",
  *find(unit) {
    for (const fn of entriesOf(unit)) {
      yield* delegatecalls(fn, ({ target, inputs }, names) =>
        !mentions(target, names) && inputs.some((input) => isCallData(input, names, fn))
          ? "The caller decides which function of the library runs on the contract's own storage."
          : undefined,
      );
    }
  },
};

type Question = (call: ReturnType<typeof lowLevelCalls>[number], names: Set<string>) => string | undefined;

function* delegatecalls(fn: FunctionModel, messageFor: Question): Iterable<Hit> {
  const names = namesFromCaller(fn);
  for (const call of lowLevelCalls(fn.node.body)) {
    if (call.kind !== "delegatecall" && call.kind !== "callcode") continue;
    const message = messageFor(call, names);
    if (message)
      yield isGuarded(fn, call.node) ? { node: call.node, message, severity: "low" } : { node: call.node, message };
  }
}

/** The raw call data, or storage that decides which function is called. */
function isCallData(input: ASTNode, names: Set<string>, fn: FunctionModel): boolean {
  return (
    contains(input, (at) => isMember(at, "msg", "data")) || mentions(input, names) || fn.storageOf(input) !== undefined
  );
}
