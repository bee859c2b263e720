import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createEngines, type EngineName, type Engines } from "../../src/engines/index.js";
import { tagged, valueOf } from "./support/values.js";
import { roomyLimits } from "./support/variants.js";
import { bufferAt, command, io, op } from "./support/wasm-module.js";

/** Where a program keeps what it asks of `poll_oneoff`. */
const subscription = 4_096;

/** When a forgotten rejection was heard of. */
const rejectionAt = `await new Promise((resolve) => {
  addEventListener("unhandledrejection", (event) => resolve(event.timeStamp));
  void Promise.reject(new Error("forgotten"));
})`;

/** Instructions that store a word. */
const put = (at: number, value: number) => [...op.const(at), ...op.const(value), ...op.store(0)];

/** The names of all files on the stack, as V8 gives them to whoever formats traces. */
const stolenSites = `(() => {
  try { Error.prepareStackTrace = (_error, sites) => sites.map((site) => site.getFileName()).join(); } catch {}
  return String(new Error().stack);
})()`;

/** A program that finds the end of its stack ten times, while V8 optimises what it calls. */
const depths = `
  let depth = 0;
  const deeper = (a, b, c) => { depth++; return deeper(b, c, a + 1) + 1; };
  const work = (n) => { let sum = 0; for (let i = 0; i < n; i++) sum += Math.sqrt(i) * ((i % 7) - 3); return sum; };
  return Array.from({ length: 10 }, () => {
    work(20000);
    depth = 0;
    try { deeper(1, 2, 3); } catch {}
    return depth;
  });`;

/** Two machines as far as one process can be: what they compile, and how, differs. */
let machines: Engines[];
beforeAll(async () => {
  machines = await Promise.all([createEngines({ prewarm: 1 }), createEngines({ prewarm: 1, compiler: "baseline" })]);
});
afterAll(() => Promise.all(machines.map((engines) => engines.close())));

/** What the program gives on each machine. */
async function everywhere(engine: EngineName, program: string | Uint8Array, input: unknown): Promise<unknown[]> {
  const bytes = typeof program === "string" ? new TextEncoder().encode(program) : program;
  const values: unknown[] = [];
  for (const engines of machines) {
    const runtime = await engines.open({ engine, bytes }, { ...roomyLimits, deterministic: true });
    values.push(valueOf(await runtime.run(tagged(input as never))));
    await runtime.close();
  }
  return values;
}

/** The one value that all machines give. */
async function agreed(code: string, input: unknown = null): Promise<unknown> {
  const values = await everywhere("js", `export default async (input) => { ${code} };`, input);
  for (const value of values) expect(value).toEqual(values[0]);
  return values[0];
}

describe("a deterministic program", () => {
  it("reads a clock that begins in 2000 and that only its readings move", async () => {
    expect(
      await agreed("return [Date.now(), new Date().getTime(), new Date().toISOString(), performance.now()];"),
    ).toEqual([946_684_800_000, 946_684_800_001, "2000-01-01T00:00:00.002Z", 3]);
    expect(await agreed("const end = Date.now() + 1e5; let n = 0; while (Date.now() < end) n++; return n;")).toBe(
      99_999,
    );
  });

  it.each([
    ["Date called as a function", "Date()"],
    ["the constructor of a date", "new (new Date(0)).constructor().getTime()"],
    ["a subclass of Date", "new (class extends Date {})().getTime()"],
    ["Reflect.construct", "Reflect.construct(Date, []).getTime()"],
    ["the prototype of Date", "String(Object.getPrototypeOf(Date) === Function.prototype)"],
    ["the time zone and the language", "JSON.stringify(Intl.DateTimeFormat().resolvedOptions())"],
    ["a local time", "new Date(2020, 6, 1).toString() + (1234.5).toLocaleString()"],
    ["performance", "performance.timeOrigin + typeof performance.mark"],
    ["Math.random", "[Math.random(), Math.random()].join()"],
    ["crypto", "[crypto.randomUUID(), ...crypto.getRandomValues(new Uint32Array(4)), typeof crypto.subtle].join()"],
    ["the module's own name", "import.meta.url"],
    ["a stack trace", "new Error('here').stack"],
    ["a stack trace after a wait", "(await null, new Error('here').stack)"],
    ["a stack trace that is captured", "(Error.captureStackTrace(globalThis), globalThis.stack)"],
    ["a stack trace that the program writes itself", stolenSites],
  ])("gets the same answer everywhere from %s", async (_what, expression) => {
    expect(await agreed(`return ${expression};`)).toBeDefined();
  });

  it.each([
    ["a format of the present moment", "new Intl.DateTimeFormat('en', { dateStyle: 'full' }).format()", /2000/],
    ["its parts", "new Intl.DateTimeFormat().formatToParts().map(({ value }) => value).join('')", /2000/],
    ["its constructor", "new (new Intl.DateTimeFormat()).constructor().format()", /2000/],
    ["Temporal", "typeof Temporal.Now", /^undefined$/],
    ["object URLs", "typeof URL.createObjectURL + typeof Blob", /^(undefined){2}$/],
    ["garbage collection", "typeof WeakRef + typeof FinalizationRegistry", /^(undefined){2}$/],
    ["events", "typeof Event + typeof EventTarget + typeof AbortSignal", /^(undefined){3}$/],
    ["when an event came", rejectionAt, /^0$/],
    ["other threads", "typeof CompressionStream + typeof MessageChannel", /^(undefined){2}$/],
    ["streamed modules", "typeof WebAssembly.compileStreaming", /^undefined$/],
  ])("does not learn the machine's own from %s", async (_what, expression, expected) => {
    expect(await agreed(`return String(${expression});`)).toMatch(expected);
  });

  it("gets other random numbers for another input, each below one, spread evenly", async () => {
    const draw = "return Array.from({ length: 4000 }, () => Math.random());";
    const [first, second] = (await Promise.all([agreed(draw, 1), agreed(draw, 2)])) as [number[], number[]];
    expect(first[0]).not.toBe(second[0]);
    expect(new Set(first).size).toBe(4_000);
    expect([Math.min(...first) >= 0, Math.max(...first) < 1]).toEqual([true, true]);
    const mean = first.reduce((sum, value) => sum + value, 0) / first.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.02);
  });

  it("has its timers fired in the order of their times, then of their setting, whatever takes long", async () => {
    const code = `
      const order = [];
      const done = new Promise((resolve) => setTimeout(resolve, 500));
      setTimeout(() => order.push("late"), 200);
      setTimeout(() => { order.push("first"); for (let n = 0; n < 3e7; n++); }, 10);
      setTimeout((name) => order.push(name), 10, "second");
      const every = setInterval(() => order.push("every"), 60);
      setTimeout(() => clearInterval(every), 150);
      clearTimeout(setTimeout(() => order.push("never"), 5));
      await done;
      return [...order, performance.now()];`;
    expect(await agreed(code)).toEqual(["first", "second", "every", "every", "late", 500]);
  });

  it("compiles WebAssembly in the order in which it asks", async () => {
    const code = `
      const empty = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);
      const order = [];
      await Promise.all([
        WebAssembly.instantiate(empty).then(({ instance }) => order.push(instance instanceof WebAssembly.Instance)),
        WebAssembly.compile(empty).then((module) => order.push(module instanceof WebAssembly.Module)),
        Promise.resolve().then(() => order.push("microtask")),
      ]);
      return order;`;
    expect(await agreed(code)).toEqual([true, true, "microtask"]);
  });

  it("computes the last bit of a float alike, optimised or not", async () => {
    const code = `
      let sum = 0;
      for (let n = 1; n < 2e5; n++) sum += Math.sin(n) * Math.exp(-n / 1e4) + Math.pow(n, 0.37) / Math.log1p(n) + Math.cbrt(n) * Math.tanh(n / 7);
      return [...new Uint8Array(new Float64Array([sum, Math.atan2(sum, 3), Math.fround(sum)]).buffer)].join();`;
    expect(await agreed(code)).toMatch(/\d/);
  });

  it("finds its stack as deep in every run, while its functions are being optimised", async () => {
    const [engines] = machines;
    const bytes = new TextEncoder().encode(`export default () => { ${depths} };`);
    if (!engines) throw new TypeError("there are two machines");
    const seen: unknown[] = [];
    for (let run = 0; run < 6; run++) {
      const runtime = await engines.open({ engine: "js", bytes }, { ...roomyLimits, deterministic: true });
      seen.push(valueOf(await runtime.run(tagged(null))));
      await runtime.close();
    }
    expect(new Set(seen.map((value) => JSON.stringify(value)))).toHaveLength(1);
  });

  it("that is a WASI command reads the same clock and the same random bytes, and sleeps without waiting", async () => {
    const twoSeconds = [...put(subscription + 16, 1), ...put(subscription + 24, 2e9)];
    const poll = [subscription, subscription + 64, 1, subscription + 128].flatMap((value) => op.const(value));
    const sleep = [...twoSeconds, ...poll, ...op.call("poll_oneoff"), ...op.drop];
    const clock = [...op.const(0), ...op.const64(1), ...op.const(bufferAt), ...op.call("clock_time_get"), ...op.drop];
    const random = [...op.const(bufferAt + 8), ...op.const(24), ...op.call("random_get"), ...op.drop];
    const write = io("fd_write", op.const(1), op.const(32));
    const program = command([...sleep, ...clock, ...random, ...write]);
    const values = (await everywhere("wasm", program, "input")) as Uint8Array[];
    for (const value of values) expect(value).toEqual(values[0]);
    const view = new DataView(values[0]?.slice().buffer ?? new ArrayBuffer(32));
    expect(view.getBigUint64(0, true)).toBe(946_684_802_001_000_000n);
    expect(new Set(values[0]?.subarray(8)).size).toBeGreaterThan(12);
  });
});

/** A module that converts numbers as each machine likes: `i32x4.relaxed_trunc_f32x4_s`. */
const relaxed = command([0xfd, 0x0c, ...Array<number>(16).fill(0), 0xfd, 0x81, 0x02, ...op.drop]);

describe("a module with relaxed vector instructions", () => {
  it("is no deterministic program", async () => {
    const [engines] = machines;
    const runtime = await engines?.open({ engine: "wasm", bytes: relaxed }, { ...roomyLimits, deterministic: true });
    expect(await runtime?.run(tagged(null))).toMatchObject({ ok: false, reason: "program-invalid" });
    await runtime?.close();
  });

  it.each([
    ["new WebAssembly.Module(bytes)"],
    ["await WebAssembly.compile(bytes)"],
    ["await WebAssembly.instantiate(bytes, {})"],
    ["new (WebAssembly.Module.prototype.constructor)(bytes)"],
    ["new (class extends WebAssembly.Module {})(bytes)"],
    ["await WebAssembly.compile(bytes.buffer)"],
  ])("is compiled by none: %s", async (expression) => {
    const code = `const bytes = Uint8Array.of(${relaxed.join()}); try { ${expression}; return "compiled"; } catch (error) { return error.message; }`;
    expect(await agreed(code)).toContain("relaxed vector instruction");
  });
});

it("a program that did not ask for it has the machine's own clock, randomness and module name", async () => {
  const [engines] = machines;
  const program = "export default () => [Date.now() > 1.7e12, Math.random(), import.meta.url];";
  const values: unknown[] = [];
  for (let run = 0; run < 2; run++) {
    const runtime = await engines?.open({ engine: "js", bytes: new TextEncoder().encode(program) }, roomyLimits);
    if (runtime) values.push(valueOf(await runtime.run(tagged(null))));
    await runtime?.close();
  }
  const [first, second] = values as [unknown[], unknown[]];
  expect(first[0]).toBe(true);
  expect([first[1] === second[1], first[2] === second[2]]).toEqual([false, false]);
});
