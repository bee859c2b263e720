import type { Severity } from "../categories.js";
import { canFollow, type Effect, effectsOf, type Handover, type ReadOrWrite } from "../model/effects.js";
import { isCaller, mentions, unwrapped } from "../model/expressions.js";
import type { FunctionModel } from "../model/function.js";
import { isForSome } from "../model/guards.js";
import { paysEther } from "../model/calls.js";
import { isA } from "../model/walk.js";
import type { Unit } from "../program/unit.js";
import type { Detector, Hit } from "./detector.js";

/**
 * Reentrancy (DASP 1, SWC-107): foreign code gets control while storage still says what was true before. Reported where a state
 * variable is read before a call that hands over control and written after it, on one path: the "checks, effects, interactions"
 * rule of the Solidity documentation ("Security Considerations"), and the distinction by ether and by the read before the call
 * of Slither (Feist, Grieco, Groce, WETSEB 2019).
 */
export const reentrancy: Detector = {
  ruleId: "reentrancy",
  *find(unit: Unit) {
    const seen = new Set<Handover["node"]>();
    for (const contract of unit.contracts.filter(({ isContract }) => isContract)) {
      for (const fn of contract.functions.filter((candidate) => candidate.isEntry && !hasLock(candidate))) {
        for (const hit of hitsIn(fn)) {
          if (seen.has(hit.node)) continue;
          seen.add(hit.node);
          yield hit;
        }
      }
    }
  },
};

function* hitsIn(fn: FunctionModel): Iterable<Hit> {
  const effects = effectsOf(fn);
  for (const [at, effect] of effects.entries()) {
    if (effect.kind !== "handover" || effect.fn.contract.node !== fn.contract.node) continue;
    const variable = staleVariable(effects, at);
    const severity = variable && severityOf(effect, fn);
    if (!variable || !severity) continue;
    const message = `"${fn.name || "fallback"}" calls out here and writes "${variable}" afterwards; the called code can come back while it still has its old value.`;
    yield { node: effect.node, message, severity };
  }
}

/** A variable that is read before the call at `at`, and written after it. */
function staleVariable(effects: readonly Effect[], at: number): string | undefined {
  const call = effects[at];
  if (!call) return undefined;
  const before = new Set(
    effects
      .slice(0, at)
      .filter(isAccess)
      .map(({ variable }) => variable),
  );
  const writes = effects
    .slice(at + 1)
    .filter(isAccess)
    .filter(({ kind }) => kind === "write");
  return writes.find((write) => before.has(write.variable) && canFollow(call, write))?.variable;
}

function isAccess(effect: Effect): effect is ReadOrWrite {
  return effect.kind !== "handover";
}

/** Ether that leaves before the books are written is the loss itself; who may call at all decides about the rest. */
function severityOf(call: Handover, fn: FunctionModel): Severity | undefined {
  const pays = call.lowLevel !== undefined && paysEther(call.lowLevel);
  if (isForSome(fn)) return "low";
  if (pays) return "high";
  return isChosenByCaller(call) || call.lowLevel ? "medium" : "low";
}

function isChosenByCaller({ target, fn }: Handover): boolean {
  const address = isA(target, "FunctionCall") ? target.arguments[0] : target;
  return isCaller(unwrapped(address)) || mentions(address, fn.parameterNames);
}

/** Whether a modifier lets nobody in twice: by its name, or by setting what it checks around the body. */
function hasLock(fn: FunctionModel): boolean {
  return fn.node.modifiers.some(({ name }) => /non_?re_?entran|lock|mutex|noReent|oneAtATime|guard/i.test(name));
}
