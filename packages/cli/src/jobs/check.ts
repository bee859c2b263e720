import { createEngines, type Engines, type Program, type RunOutcome } from "@aegis-pool/agent";
import { encodeValue, type TaskValue, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

/** The runs that are compared. The last compiles the program another way, as another machine might. */
const runs = ["optimised", "optimised again", "not optimised"] as const;

/** Bounds of a task as it is submitted by default. */
const limits = { timeMs: 60_000, memoryBytes: 256 * 1024 ** 2, outputBytes: 16 * 1024 ** 2, logBytes: 4_096 };

type ByRun<T> = Readonly<Record<(typeof runs)[number], T>>;

/** What one input gave in each of the runs. */
export interface Checked {
  /** SHA-256 of the output in hexadecimal, or how the run failed. */
  readonly results: ByRun<string>;
  /** What a `wasm` program used of its fuel in each of the runs. */
  readonly fuel: ByRun<number> | undefined;
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
      const outcomes: RunOutcome[] = [];
      for (const engines of [usual, usual, baseline]) outcomes.push(await outcomeOf(engines, program, input));
      yield checkedOf(outcomes);
    }
  } finally {
    await Promise.all(opened.map((engines) => engines.close()));
  }
}

function checkedOf(outcomes: readonly RunOutcome[]): Checked {
  const results = byRun(outcomes, describe);
  const fuel = outcomes.some((outcome) => outcome.fuel !== undefined)
    ? byRun(outcomes, (outcome) => outcome.fuel ?? 0)
    : undefined;
  const [first, again, baseline] = runs.map((run) => `${results[run]} ${fuel?.[run]}`);
  if (first !== again) return { results, fuel, verdict: "differs from run to run" };
  if (first !== baseline) return { results, fuel, verdict: "differs by how it is compiled" };
  return { results, fuel, verdict: outcomes.every(({ ok }) => ok) ? "same" : "fails" };
}

function byRun<T>(outcomes: readonly RunOutcome[], of: (outcome: RunOutcome) => T): ByRun<T> {
  return Object.fromEntries(outcomes.map((outcome, index) => [runs[index], of(outcome)])) as ByRun<T>;
}

async function outcomeOf(engines: Engines, program: Program, input: TaskValue): Promise<RunOutcome> {
  const runtime = await engines.open(program, { ...limits, deterministic: true });
  try {
    return await runtime.run(encodeValue(input, primitives.text));
  } finally {
    await runtime.close();
  }
}

function describe(outcome: RunOutcome): string {
  return outcome.ok ? toHex(primitives.sha256(outcome.output)) : `${outcome.reason}: ${outcome.message}`;
}
