import fc from "fast-check";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpuKernel } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { Gauge } from "../../../src/sandbox/realm/adapters/gauge.js";
import { Failure } from "../../../src/sandbox/realm/failures.js";
import { meterModule } from "../../../src/sandbox/realm/wasm/fuel/meter.js";
import { assemble } from "./assemble.js";
import { ByHand, type Fun, type Node, programs } from "./program.js";

interface Ran {
  readonly ended: "returned" | "threw" | "out of fuel";
  readonly used: number | undefined;
  readonly state: number | undefined;
}

/** What a metered module makes of its fuel. */
function run(functions: readonly Fun[], fuel: number): Ran {
  const metered = meterModule(assemble(functions), { fuel, name: "left" }) as Uint8Array<ArrayBuffer>;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered), unasked);
  let threw = false;
  try {
    (exports["run"] as () => unknown)();
  } catch (error) {
    if (!(error instanceof WebAssembly.RuntimeError || error instanceof WebAssembly.Exception)) throw error;
    threw = true;
  }
  const left = Number((exports["left"] as WebAssembly.Global).value);
  if (left < 0) return { ended: "out of fuel", used: undefined, state: undefined };
  const state = (exports["state"] as WebAssembly.Global).value as number;
  return { ended: threw ? "threw" : "returned", used: fuel - left, state };
}

function byHand(functions: readonly Fun[], fuel: number): Ran {
  const program = new ByHand(functions, fuel);
  const ended = program.run();
  if (ended === "out of fuel") return { ended, used: undefined, state: undefined };
  return { ended, used: program.used, state: program.state };
}

describe("a metered module", () => {
  it("uses what its instructions cost that were executed, counted one by one, and ends where that is too much", () => {
    const endings = { returned: 0, threw: 0, "out of fuel": 0 };
    fc.assert(
      // the execution by hand calls itself too: with 4,000 units a program got deeper than its own stack
      fc.property(programs, fc.integer({ min: 1, max: 1_500 }), (functions, fuel) => {
        const expected = byHand(functions, fuel);
        endings[expected.ended]++;
        expect(run(functions, fuel)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
    expect(Math.min(...Object.values(endings))).toBeGreaterThan(50);
  }, 60_000);

  it("tells of the last unit: what is used up exactly is enough", () => {
    const functions: Fun[] = [{ results: 0, body: [{ kind: "mix", by: 1 }] }];
    expect(run(functions, 6)).toMatchObject({ ended: "returned", used: 6 });
    expect(run(functions, 5)).toMatchObject({ ended: "out of fuel" });
  });

  it("is charged for what it clears by length, and for pages when it gets them", () => {
    expect(used({ kind: "fill", bytes: 4_007 })).toBe(4 + 500);
    expect(used({ kind: "grow", pages: 3 })).toBe(3 + 3 * 8_192);
    expect(used({ kind: "grow", pages: 5 })).toBe(3);
    expect(used({ kind: "grow", pages: 4 }, { kind: "grow", pages: 1 })).toBe(6 + 4 * 8_192);
  });

  it("ends before it clears what it cannot pay for", () => {
    const body: Node[] = [
      { kind: "fill", bytes: 100_000 },
      { kind: "mix", by: 3 },
    ];
    expect(run([{ results: 0, body }], 9_000)).toMatchObject({ ended: "out of fuel", state: undefined });
    const { exports } = instanceOf(assemble([{ results: 0, body }]), 9_000);
    expect(exports["run"]).toThrow("unreachable");
    expect((exports["state"] as WebAssembly.Global).value).toBe(1);
  });

  it("of many instructions in a row is asked whether anything is left, however it is called", () => {
    const long = Array.from({ length: 200 }, (): Node => ({ kind: "mix", by: 3 }));
    const { exports } = instanceOf(assemble([{ results: 0, body: long }]), 10);
    expect(exports["run"]).not.toThrow(); // at its end it has less than nothing, and that is seen outside
    expect(exports["run"]).toThrow("unreachable");
  });

  it("keeps its names, and loses what says where in its code something is", () => {
    const module = Uint8Array.from([...assemble(idle), ...[".debug_line", "name", "sourceMappingURL"].flatMap(named)]);
    const metered = new WebAssembly.Module(meterModule(module, tank) as Uint8Array<ArrayBuffer>);
    const kept = [".debug_line", "name", "sourceMappingURL"].map(
      (name) => WebAssembly.Module.customSections(metered, name).length,
    );
    expect(kept).toEqual([0, 1, 0]);
  });

  it("multiplies matrices as it does without", () => {
    const plain = new Uint8Array(Buffer.from(cpuKernel.plain, "hex"));
    expect(product(meterModule(plain, { ...tank, fuel: 1e9 }))).toEqual(product(plain));
  });

  it("of 14 MB is still valid", async () => {
    const file = createRequire(import.meta.url).resolve("onnxruntime-web/ort-wasm-simd-threaded.wasm");
    const metered = meterModule(await readFile(file), tank);
    expect(WebAssembly.validate(metered as Uint8Array<ArrayBuffer>)).toBe(true);
  }, 60_000);
});

describe("a module is not metered", () => {
  it.each([
    ["memories of 64 bits", [5, 3, 1, 4, 1], /64 bits/],
    ["tables of 64 bits", [4, 4, 1, 0x70, 4, 1], /64 bits/],
    ["tables with a first value", [4, 9, 1, 0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b], /first value/],
    ["types that are no functions", [1, 3, 1, 0x5f, 0], /form 0x5f/],
  ])("with %s: what they cost is not known", (_what, bytes, complaint) => {
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...bytes);
    expect(() => meterModule(module, tank)).toThrow(complaint);
  });

  it("where it is broken, and nothing outside of it is read", () => {
    const whole = assemble(idle);
    fc.assert(
      fc.property(fc.integer({ min: 8, max: whole.length - 1 }), fc.nat({ max: 255 }), (index, byte) => {
        const broken = whole.slice();
        broken[index] = byte;
        expect(complaintOf(broken)).toSatisfy((error) => error === undefined || error instanceof Failure);
      }),
      { numRuns: 2_000 },
    );
  });

  it("where it names what lies behind its own: there the counter would be", () => {
    const whole = assemble([{ results: 0, body: [{ kind: "mix", by: 1 }] }]);
    const guessing = whole.slice();
    const at = guessing.lastIndexOf(0x24) + 1; // the global that its function sets
    guessing[at] = 1;
    expect(() => new Gauge().meter(loading(guessing))).toThrow(/Invalid global index/);
    expect(() => new Gauge().meter(loading(whole))).not.toThrow();
  });
});

it("a counter has another name each time, which no program can have known", () => {
  const names = [1, 2].map(() => {
    const metered = new Gauge().meter(loading(assemble(idle))) as Uint8Array<ArrayBuffer>;
    return WebAssembly.Module.exports(new WebAssembly.Module(metered)).at(-1)?.name;
  });
  expect(names[0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(names[0]).not.toBe(names[1]);
});

/** Imports, for modules that have none. */
const unasked = { env: { memory: new WebAssembly.Memory({ initial: 0 }) } };
const tank = { fuel: 1_000, name: "left" };
const idle: Fun[] = [{ results: 0, body: [] }];

function instanceOf(module: Uint8Array, fuel: number): { exports: Record<string, unknown> } {
  const metered = meterModule(module, { fuel, name: "left" }) as Uint8Array<ArrayBuffer>;
  return new WebAssembly.Instance(new WebAssembly.Module(metered), unasked);
}

function used(...body: Node[]): number | undefined {
  return run([{ results: 0, body }], 1e6).used;
}

/** A custom section without content. */
function named(name: string): number[] {
  return [0, name.length + 1, name.length, ...Buffer.from(name)];
}

function loading(program: Uint8Array) {
  return { program, shared: undefined, outputBytes: 1_000, logBytes: 0, memoryBytes: 2 ** 24 };
}

function complaintOf(module: Uint8Array): unknown {
  try {
    new Gauge().meter(loading(module));
    return undefined;
  } catch (error) {
    return error;
  }
}

/** A product of two matrices by our own kernel. */
function product(module: Uint8Array): Uint8Array {
  const memory = new WebAssembly.Memory({ initial: 64 });
  const compiled = new WebAssembly.Module(module as Uint8Array<ArrayBuffer>);
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernel = exports as Record<"fillEntries" | "packRight" | "multiply", (...given: number[]) => void>;
  const [size, right, left, to] = [256, 262_144, 1_048_576, 2_097_152];
  kernel.fillEntries(to, 0, size * size, 7, 11);
  kernel.packRight(to, size, right);
  kernel.fillEntries(left, 0, size * size, 13, 17);
  kernel.multiply(left, right, to, size, size, 0);
  return new Uint8Array(memory.buffer, to, size * size * 4).slice();
}
