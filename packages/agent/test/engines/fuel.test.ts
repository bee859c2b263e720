import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngines, type EngineLimits, type Engines, type RunOutcome } from "../../src/engines/index.js";
import { present } from "../../../../test/fixtures/present.js";
import { tagged } from "./support/values.js";
import { roomyLimits } from "./support/variants.js";
import { bufferAt, command, io, op, ownIndex } from "./support/wasm-module.js";

/** Two machines as far as one process can be: one optimises, the other never does. */
let machines: Engines[];
beforeAll(async () => {
  machines = await Promise.all([createEngines({ prewarm: 1 }), createEngines({ prewarm: 1, compiler: "baseline" })]);
});
afterAll(() => Promise.all(machines.map((engines) => engines.close())));

async function runOn(engines: Engines, bytes: Uint8Array, limits: Partial<EngineLimits>): Promise<RunOutcome> {
  const runtime = await engines.open({ engine: "wasm", bytes }, { ...roomyLimits, deterministic: true, ...limits });
  try {
    return await runtime.run(tagged("input"));
  } finally {
    await runtime.close();
  }
}

/** How the run ended, which must be alike on each machine. */
async function everywhere(bytes: Uint8Array, limits: Partial<EngineLimits> = {}): Promise<Omit<RunOutcome, "wallMs">> {
  const ends: Omit<RunOutcome, "wallMs">[] = [];
  for (const engines of machines) {
    const { wallMs: _, ...end } = await runOn(engines, bytes, limits);
    ends.push(end);
  }
  for (const end of ends) expect(end).toEqual(ends[0]);
  return present(ends[0]);
}

const at = { count: 256, sum: 260 } as const;
const load = (address: number) => [...op.const(address), 0x28, 2, 0];
const store = (address: number, value: readonly number[]) => [...op.const(address), ...value, ...op.store(0)];
/** Rounds in which a sum is mixed in memory: 18 instructions each. */
const rounds = (count: number): number[] => [
  ...store(at.count, op.const(count)),
  ...op.loop([
    ...store(at.sum, [...load(at.sum), ...op.const(31), 0x6c, ...load(at.count), 0x6a]),
    ...store(at.count, [...load(at.count), ...op.const(1), 0x6b]),
    ...[...load(at.count), ...op.branchIf(0)],
  ]),
];
const perRound = 18;
const nothing = [...op.const(0), ...op.drop];
const forever = op.loop(op.branch(0));
const recursion = [0x10, ownIndex];

describe("a metered program", () => {
  it("uses the same fuel optimised and not, and gives what it gives without being metered", async () => {
    const program = command([
      ...rounds(2e6),
      ...store(bufferAt, load(at.sum)),
      ...io("fd_write", op.const(1), op.const(4)),
    ]);
    const metered = await everywhere(program);
    expect(metered).toMatchObject({ ok: true });
    expect(metered.fuel).toBeGreaterThan(2e6 * perRound);
    expect((metered.fuel ?? 0) - 2e6 * perRound).toBeLessThan(1_000);
    const [engines] = machines as [Engines];
    const plain = await runOn(engines, program, { deterministic: false });
    expect({ ...plain, wallMs: 0 }).toEqual({ ...metered, fuel: undefined, wallMs: 0 });
  });

  it("that never ends does end, with its fuel, and says how much that was", async () => {
    expect(await everywhere(command(forever), { fuel: 12_345_678 })).toEqual({
      ok: false,
      reason: "fuel-limit",
      message: "the program needs more than its 12345678 units of fuel",
      log: "",
      fuel: 12_345_678,
    });
  });

  it("that calls itself for ever ends with its fuel", async () => {
    expect(await everywhere(command(recursion), { fuel: 1_000 })).toMatchObject({ reason: "fuel-limit", fuel: 1_000 });
  });

  it("that needs more stack than there is fails as by its memory, and nobody says what it used", async () => {
    const end = await everywhere(command(recursion));
    expect(end).toMatchObject({ reason: "memory-limit", message: expect.stringContaining("nested deeper") as string });
    expect(end.fuel).toBeUndefined();
  });

  it("that never ends and has no bound of fuel ends by its time, and nobody says what it used", async () => {
    const [engines] = machines as [Engines];
    const end = await runOn(engines, command(forever), { timeMs: 1_000 });
    expect(end).toMatchObject({ ok: false, reason: "time-limit" });
    expect(end.fuel).toBeUndefined();
  });

  it("may use up all of its fuel", async () => {
    const { fuel } = await everywhere(command(rounds(1_000)));
    expect(await everywhere(command(rounds(1_000)), { fuel })).toMatchObject({ ok: true, fuel });
    expect(await everywhere(command(rounds(1_000)), { fuel: (fuel ?? 0) - 1 })).toMatchObject({ reason: "fuel-limit" });
  });

  it("that exits or fails has used what it did before", async () => {
    const exit = [...op.const(3), ...op.call("proc_exit")];
    expect(await everywhere(command([...nothing, ...exit]))).toMatchObject({ reason: "threw", fuel: 2 + 1 + 200 });
    expect(await everywhere(command([...nothing, ...op.unreachable]))).toMatchObject({ reason: "threw", fuel: 3 });
  });

  it("is charged for its start function too", async () => {
    expect(await everywhere(command(nothing))).toMatchObject({ ok: true, fuel: 2 });
    expect(await everywhere(command(nothing, { starts: true }))).toMatchObject({ ok: true, fuel: 4 });
  });

  it("is charged alike where it catches what was thrown", async () => {
    const caught = [0x02, 0x40, 0x1f, 0x40, 1, 0x02, 0, ...nothing, 0x08, 0, 0x0b, 0x0b];
    expect(await everywhere(command([...nothing, ...caught, ...nothing], { tag: true }))).toMatchObject({
      ok: true,
      fuel: 2 + 2 + 1 + 2,
    });
  });

  it.each([
    ["reads", [0x23, 0, ...op.drop]],
    ["refills", [0x42, 0x7f, 0x24, 0]],
  ])("that guesses where the counter is and %s it is no valid program", async (_what, code) => {
    expect(await everywhere(command(code))).toMatchObject({ reason: "program-invalid" });
  });
});

it("a program that is not deterministic is not metered", async () => {
  const [engines] = machines as [Engines];
  const end = await runOn(engines, command(nothing), { deterministic: false, fuel: 1 });
  expect(end).toMatchObject({ ok: true });
  expect(end.fuel).toBeUndefined();
});
