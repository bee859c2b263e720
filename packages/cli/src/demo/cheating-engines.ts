import type { Engines, RunOutcome } from "@aegis-pool/agent";
import { decodeValue, encodeValue } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { borrowed } from "./borrowed-engines.js";

/**
 * What somebody could do who has changed their own agent: tasks run as they should, and another number is answered. All else, from
 * the commitment to the signature, is the production agent's, so that the pool sees nothing but a wrong result.
 */
export function cheating(engines: Engines): Engines {
  return borrowed(engines, async (program, limits) => {
    const runtime = await engines.open(program, limits);
    return {
      pid: runtime.pid,
      get usable() {
        return runtime.usable;
      },
      run: async (input) => oneTooMany(await runtime.run(input)),
      close: () => runtime.close(),
    };
  });
}

/** What is no number, as in a proof of speed, stays as it is: only the demo's tasks are lied about. */
function oneTooMany(outcome: RunOutcome): RunOutcome {
  if (!outcome.ok) return outcome;
  const value = decodeValue(outcome.output, primitives.text);
  return typeof value === "number" ? { ...outcome, output: encodeValue(value + 1, primitives.text) } : outcome;
}
