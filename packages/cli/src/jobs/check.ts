import { createEngines, type Engines, type Program, type RunOutcome } from "@aegis-pool/agent";
import { encodeValue, type TaskValue, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

/** The runs that are compared. The last compiles the program another way, as another machine might. */
const runs = ["optimised", "optimised again", "not optimised"] as const;

/** Bounds of a task as it is submitted by default. */
const limits = { timeMs: 60_000, memoryBytes: 256 * 1024 ** 2, outputBytes: 16 * 1024 ** 2, logBytes: 4_096 };

/** What one input gave in each of the runs. */
export interface Checked {
  /** SHA-256 of the output in hexadecimal, or how the run failed. */
  readonly results: Readonly<Record<(typeof runs)[number], string>>;
  readonly verdict: "same" | "differs from run to run" | "differs by how it is compiled" | "fails";
}

/**
 * Runs a program for each input three times as a deterministic task, in a process of its own each time, twice as usual and once
 * with nothing optimised.
 * @throws {AegisError} `engine-missing`
 */
export async function* checkProgram(
  given: Program,
  inputs: readonly TaskValue[],
  shared?: TaskValue,
): AsyncGenerator<Checked> {
  const program = shared === undefined ? given : { ...given, shared: encodeValue(shared, primitives.text) };
  const opened: Engines[] = [];
  try {
    for (const compiler of ["optimising", "baseline"] as const) opened.push(await createEngines({ compiler }));
    const [usual, baseline] = opened;
    if (!usual || !baseline) return;
    for (const input of inputs) {
      const results: string[] = [];
      for (const engines of [usual, usual, baseline]) results.push(await resultOf(engines, program, input));
      yield checkedOf(results);
    }
  } finally {
    await Promise.all(opened.map((engines) => engines.close()));
  }
}

function checkedOf([first = "", again = "", baseline = ""]: readonly string[]): Checked {
  const results = { optimised: first, "optimised again": again, "not optimised": baseline };
  if (first !== again) return { results, verdict: "differs from run to run" };
  if (first !== baseline) return { results, verdict: "differs by how it is compiled" };
  return { results, verdict: /^[0-9a-f]{64}$/.test(first) ? "same" : "fails" };
}

async function resultOf(engines: Engines, program: Program, input: TaskValue): Promise<string> {
  const runtime = await engines.open(program, { ...limits, deterministic: true });
  try {
    return describe(await runtime.run(encodeValue(input, primitives.text)));
  } finally {
    await runtime.close();
  }
}

function describe(outcome: RunOutcome): string {
  return outcome.ok ? toHex(primitives.sha256(outcome.output)) : `${outcome.reason}: ${outcome.message}`;
}
