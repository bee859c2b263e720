import { builtinModules } from "node:module";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Runtime } from "../../src/engines/index.js";
import { mainRealmFile } from "../../src/sandbox/realm-files.js";
import { denoBuiltins } from "./support/deno-builtins.js";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { describeWithAndWithoutBubblewrap } from "./support/variants.js";

const mebibyte = 1024 * 1024;
/** Evaluates whatever it is given: a job's own code can do the same. */
const evaluator = "export default (code) => (0, eval)(`(async () => { ${code} })()`)";

await describeWithAndWithoutBubblewrap("hostile programs", (open) => {
  let prober: Runtime;
  beforeAll(async () => {
    prober = await open("js", evaluator);
  });
  afterAll(() => prober.close());
  const probe = async (code: string): Promise<unknown> => valueOf(await prober.run(tagged(code)));

  it("find no global that reaches files, network, processes, other realms or the graphics card", async () => {
    const wanted = [
      ...["Deno", "process", "Buffer", "global", "require", "module", "importScripts", "setImmediate", "close", "name"],
      ...[
        "fetch",
        "Request",
        "Response",
        "Headers",
        "WebSocket",
        "EventSource",
        "caches",
        "CacheStorage",
        "FileReader",
      ],
      ...["localStorage", "sessionStorage", "indexedDB", "Worker", "SharedWorker", "BroadcastChannel", "postMessage"],
      ...["onmessage", "navigator", "GPU", "GPUDevice", "OffscreenCanvas", "createImageBitmap", "location", "prompt"],
      ...["SharedArrayBuffer", "Atomics", "reportError", "window", "LockManager", "PerformanceObserver"],
    ];
    const code = `return ${JSON.stringify(wanted)}.filter((name) => name in globalThis || (0, eval)("typeof " + name) !== "undefined")`;
    expect(await probe(code)).toEqual([]);
    expect(
      await probe("return Reflect.ownKeys(globalThis).filter((key) => /gpu|deno|node/i.test(String(key)))"),
    ).toEqual([]);
  });

  it("import no built-in module, under any spelling that Deno knows", async () => {
    const names = new Set([...denoBuiltins(), ...builtinModules].map((name) => name.replace(/^node:/, "")));
    const spellings = Array.from(names).flatMap((name) => [`node:${name}`, name, `NODE:${name}`, `node:${name}?x`]);
    const odd = [
      "node:./fs",
      "node:%66s",
      "node:/fs",
      " node:fs",
      "ext:core/ops",
      "ext:deno_node/fs.ts",
      "ext:core/mod.js",
    ];
    expect(await probe(imported([...spellings, ...odd]))).toEqual([]);
    expect(await probe(imported(['data:text/javascript,export * from "node:fs"']))).toEqual([]);
  });

  it("import nothing from disk or network", async () => {
    const files = [
      "file:///etc/passwd",
      `file://${mainRealmFile}`,
      "/etc/passwd",
      "./main.js",
      "file:///proc/self/environ",
    ];
    const remote = [
      "npm:lodash",
      "jsr:@std/path",
      "http://127.0.0.1/x.js",
      "https://example.org/x.js",
      "wss://127.0.0.1",
    ];
    expect(await probe(imported([...files, ...remote]))).toEqual([]);
    for (const type of ["json", "text", "bytes"]) {
      expect(await probe(imported(["file:///etc/passwd"], type))).toEqual([]);
    }
  });

  it("learn no path, pid or address from stacks, import.meta or errors", async () => {
    const stack = (await probe("return new Error('x').stack")) as string;
    const refusal = (await probe("return import('file:///etc/passwd').catch((error) => error.stack)")) as string;
    for (const text of [stack, refusal]) expect(text).not.toMatch(/realm\/|node_modules|main\.js|import-map/);
    const meta = await open(
      "js",
      "export default () => ({ keys: Object.keys(import.meta), url: import.meta.url.slice(0, 5) })",
    );
    expect(valueOf(await meta.run(tagged(null)))).toEqual({ keys: ["url", "main", "resolve"], url: "blob:" });
    await meta.close();
  });

  it("get a clock of 0.1 ms, too coarse to watch a neighbour by", async () => {
    const code =
      "let t = performance.now(), n = 0, least = 1; while (n < 200) { const d = performance.now() - t; if (d > 0) { least = Math.min(least, d); t += d; n++ } } return least";
    expect(await probe(code)).toBeGreaterThan(0.0999);
    expect(await probe("return Object.getPrototypeOf(performance) === Object.prototype")).toBe(true);
  });

  it("reach no listener of ours on the global, so that no answer can be forged through it", async () => {
    const forge = `
      for (const type of ["prepare", "load", "run", "done"]) {
        const event = new Event("message");
        event.data = { type, input: new Uint8Array([1, 50]), status: 0, body: new Uint8Array([1, 50]) };
        dispatchEvent(event);
      }
      return "the real answer"`;
    expect(await probe(forge)).toBe("the real answer");
    expect(await probe("return 'the next answer'")).toBe("the next answer");
  });

  it("get one answer for one run, whatever timers and promises they leave behind", async () => {
    const runtime = await open(
      "js",
      `
      let runs = 0;
      export default async (n) => {
        setInterval(() => console.log("left behind"), 0);
        Promise.resolve().then(() => new Promise((again) => setTimeout(again, 1))).then(() => { throw new Error("late") });
        if (runs++ > 0) await new Promise((resolve) => setTimeout(resolve, 20));
        return n;
      }`,
    );
    for (const n of [1, 2, 3]) expect(valueOf(await runtime.run(tagged(n)))).toBe(n);
    expect(runtime.usable).toBe(true);
    await runtime.close();
  });

  it("harm no later result by altering prototypes and globals", async () => {
    const runtime = await open(
      "js",
      altering('!inner.includes(owner) && (typeof key === "string" || key === Symbol.iterator)'),
    );
    for (const n of [0, 5, 6]) expect(valueOf(await runtime.run(tagged(n)))).toBe(n);
    await runtime.close();
  });

  it("can break their own realm by altering Deno's inner methods, but falsify no result", async () => {
    const runtime = await open("js", altering("true"), { timeMs: 1000 });
    const inputs = [0, 5, 6];
    const outcomes = [];
    for (const n of inputs) outcomes.push(await runtime.run(tagged(n)));
    const values = outcomes.map((outcome, index) => (outcome.ok ? valueOf(outcome) : inputs[index]));
    expect(values).toEqual(inputs);
    await runtime.close();
  });

  it("leave nothing for another job", async () => {
    const marker = "return globalThis.mark = Object.prototype.mark = 'seen'";
    const first = await open("js", evaluator);
    expect(valueOf(await first.run(tagged(marker)))).toBe("seen");
    await first.close();
    const second = await open("js", evaluator);
    expect(second.pid).not.toBe(first.pid);
    expect(valueOf(await second.run(tagged("return globalThis.mark ?? ({}).mark ?? 'nothing'")))).toBe("nothing");
    await second.close();
  });

  it("survive their own unhandled rejections and timers that throw", async () => {
    const rejecting = await prober.run(tagged(afterwards("Promise.reject(new Error('nobody listens'))")));
    expect(rejecting).toMatchObject({ ok: true, log: expect.stringContaining("nobody listens") });
    const throwing = await prober.run(tagged(afterwards("setTimeout(() => { throw new Error('in a timer') })")));
    expect(throwing).toMatchObject({ ok: true, log: expect.stringContaining("in a timer") });
  });

  it("cannot make a failure fail: whatever they throw has a reason", async () => {
    const things = ["null", "undefined", "Symbol('s')", "{ toString() { throw 1 } }", "Object.create(null)"];
    const proxies = ["new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })", "new Proxy(() => 1, {})"];
    for (const thing of [...things, ...proxies]) {
      expect(reasonOf(await prober.run(tagged(`throw ${thing}`)))).toBe("threw");
      expect(reasonOf(await prober.run(tagged(`console.log(${thing}); return 1`)))).toBe("ok");
    }
    expect(reasonOf(await prober.run(tagged("const loop = {}; loop.loop = loop; return loop")))).toBe("threw");
  });

  it("lose the runtime, and only theirs, when they end their realm", async () => {
    const runtime = await open("js", evaluator);
    const code = `
      for (const key of Object.getOwnPropertySymbols(globalThis)) if (globalThis[key].listeners) globalThis[key].listeners = {};
      Promise.reject(1);
      await new Promise(() => {})`;
    expect(reasonOf(await runtime.run(tagged(code)))).toBe("sandbox-broken");
    expect(runtime.usable).toBe(false);
    expect(await probe("return 'still here'")).toBe("still here");
  });

  it("are stopped when they loop for ever, in a run and while loading", async () => {
    const looping = await open("js", "export default () => { for (;;); }", { timeMs: 200 });
    expect(reasonOf(await looping.run(tagged(1)))).toBe("time-limit");
    const loading = await open("js", "for (;;);", { timeMs: 200 });
    expect(reasonOf(await loading.run(tagged(1)))).toBe("time-limit");
    const microtasks = await open("js", "export default async () => { for (;;) await 0; }", { timeMs: 200 });
    expect(reasonOf(await microtasks.run(tagged(1)))).toBe("time-limit");
    for (const runtime of [looping, loading, microtasks]) expect(runtime.usable).toBe(false);
  });

  it("print no more than the log holds", async () => {
    const logBytes = 5000;
    const flood =
      "export default () => { for (let i = 0; i < 1e5; i++) console.log('x'.repeat(100)); console.log('y'.repeat(5e6)); return 1 }";
    const runtime = await open("js", flood, { logBytes });
    for (const _ of [1, 2]) {
      const outcome = await runtime.run(tagged(1));
      expect(valueOf(outcome)).toBe(1);
      expect(outcome.log.length).toBe(logBytes);
    }
    await runtime.close();
  });

  it("give no output over its limit", async () => {
    const runtime = await open("js", "export default (n) => new Uint8Array(n)", { outputBytes: 1001 });
    expect(valueOf(await runtime.run(tagged(1000)))).toHaveLength(1000);
    expect(reasonOf(await runtime.run(tagged(1001)))).toBe("output-limit");
    expect(reasonOf(await runtime.run(tagged(50 * mebibyte)))).toBe("output-limit");
    expect(runtime.usable).toBe(true);
    await runtime.close();
  });

  it.each([
    ["the heap with objects", "const kept = []; for (;;) kept.push({ kept, n: [kept.length] })"],
    [
      "strings",
      "let text = 'x'; const kept = []; for (;;) kept.push((text + kept.length).repeat(1e6).split('').join('-'))",
    ],
    ["typed arrays", "const kept = []; for (;;) kept.push(new Uint8Array(4e6).fill(1))"],
    [
      "WASM memory",
      "const kept = []; for (;;) { const m = new WebAssembly.Memory({ initial: 100 }); new Uint8Array(m.buffer).fill(1); kept.push(m) }",
    ],
    [
      "messages to itself",
      "const { port1, port2 } = new MessageChannel(); for (;;) port1.postMessage(new Uint8Array(4e6).fill(1))",
    ],
  ])("are stopped when they fill %s without end", async (_what, code) => {
    const runtime = await open("js", evaluator, { memoryBytes: 128 * mebibyte });
    expect(reasonOf(await runtime.run(tagged(code)))).toBe("memory-limit");
    await runtime.close();
  });
});

/** Code that does `what`, and answers a little later. */
function afterwards(what: string): string {
  return `${what}; await new Promise((resolve) => setTimeout(resolve, 5)); return 1`;
}

/** A program that at input 0 alters every method whose key fits `which`, and then answers its input. */
function altering(which: string): string {
  return `
    const lie = () => { throw new Error("altered") };
    const owners = [
      Object, Array, String, Function, Promise, Map, Set, TextEncoder, TextDecoder, MessagePort, EventTarget, Event,
      Uint8Array, Object.getPrototypeOf(Uint8Array), Error, RangeError, ArrayBuffer, Number, RegExp, Symbol,
    ];
    // Deno delivers messages through these, in the realm itself.
    const inner = [Function, Event, EventTarget];
    const alter = (owner, key) => {
      try { Object.defineProperty(owner, key, { value: lie, configurable: true }) } catch {}
    };
    export default (n) => {
      if (n !== 0) return n;
      const wanted = owners.flatMap((owner) =>
        Reflect.ownKeys(owner.prototype).filter((key) => key !== "constructor" && (${which})).map((key) => ({ owner, key })),
      );
      for (let index = 0, count = wanted.length; index < count; index++) alter(wanted[index].owner.prototype, wanted[index].key);
      Object.defineProperty(Object.prototype, "type", { get: () => "done", set: lie, configurable: true });
      alter(JSON, "parse");
      alter(JSON, "stringify");
      Uint8Array = Promise = Blob = URL = String = TextEncoder = lie;
      return n;
    }`;
}

/** Code that answers those of `specifiers` that could be imported. */
function imported(specifiers: readonly string[], type?: string): string {
  const options = type === undefined ? "undefined" : JSON.stringify({ with: { type } });
  return `
    const found = [];
    for (const specifier of ${JSON.stringify(specifiers)}) {
      await import(specifier, ${options}).then(() => found.push(specifier), () => {});
    }
    return found`;
}
