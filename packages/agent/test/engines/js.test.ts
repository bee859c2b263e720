import { expect, it } from "vitest";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { describeWithAndWithoutBubblewrap } from "./support/variants.js";

await describeWithAndWithoutBubblewrap("the js engine", (open) => {
  it("gives the program its input as JSON or bytes, and takes its output as either", async () => {
    const runtime = await open("js", "export default async (input) => input");
    for (const value of [{ rows: [3, "ä", null, true] }, "text", -7.5, Uint8Array.of(0, 255, 3), new Uint8Array()]) {
      expect(valueOf(await runtime.run(tagged(value)))).toEqual(value);
    }
    await runtime.close();
  });

  it("takes part of a buffer as exactly that part, and no output as null", async () => {
    const runtime = await open(
      "js",
      "export default (part) => part ? new Uint8Array([9, 8, 7, 6]).subarray(1, 3) : undefined",
    );
    expect(valueOf(await runtime.run(tagged(true)))).toEqual(Uint8Array.of(8, 7));
    expect(valueOf(await runtime.run(tagged(false)))).toBeNull();
    await runtime.close();
  });

  it("shows the shared value to every run of the job", async () => {
    const program = "export default (factor, { shared }) => shared.map((each) => each * factor)";
    const runtime = await open("js", program, {}, tagged([2, 5]));
    expect(valueOf(await runtime.run(tagged(3)))).toEqual([6, 15]);
    expect(valueOf(await runtime.run(tagged(-1)))).toEqual([-2, -5]);
    await runtime.close();
  });

  it("keeps what the program prints, while loading and running, as the log of its run", async () => {
    const program = 'console.log("loading"); export default (n) => console.warn("run", n, { deep: [n] }, new Map())';
    const runtime = await open("js", program);
    expect((await runtime.run(tagged(4))).log).toBe('loading\nrun 4 {"deep":[4]} {}\n');
    expect((await runtime.run(tagged(5))).log).toBe('run 5 {"deep":[5]} {}\n');
    await runtime.close();
  });

  it("reports what a program throws and stays usable", async () => {
    const runtime = await open(
      "js",
      "export default (n) => { if (n < 0) throw new TypeError('negative: ' + n); return n }",
    );
    expect(await runtime.run(tagged(-3))).toMatchObject({
      ok: false,
      reason: "threw",
      message: "TypeError: negative: -3",
    });
    expect(runtime.usable).toBe(true);
    expect(valueOf(await runtime.run(tagged(8)))).toBe(8);
    await runtime.close();
  });

  it("calls a program invalid that has no default function, no syntax, or throws while loading", async () => {
    for (const program of [
      "export const main = 1",
      "export default (",
      "throw new Error('early')",
      'import "./other.js"',
    ]) {
      const runtime = await open("js", program);
      expect(reasonOf(await runtime.run(tagged(1)))).toBe("program-invalid");
      expect(runtime.usable).toBe(false);
      await runtime.close();
    }
  });

  it("calls an input invalid that has no known tag or is no JSON", async () => {
    const runtime = await open("js", "export default (input) => input");
    for (const input of [Uint8Array.of(), Uint8Array.of(2, 1), Uint8Array.of(1, 0x7b), Uint8Array.of(1, 0xff)]) {
      expect(reasonOf(await runtime.run(input))).toBe("input-invalid");
    }
    expect(valueOf(await runtime.run(tagged(1)))).toBe(1);
    await runtime.close();
  });

  it("does one run at a time, and none once closed", async () => {
    const runtime = await open("js", "export default (input) => input");
    const first = runtime.run(tagged(1));
    await expect(runtime.run(tagged(2))).rejects.toMatchObject({ code: "bad-argument" });
    expect(valueOf(await first)).toBe(1);
    await runtime.close();
    expect(runtime.usable).toBe(false);
    expect(reasonOf(await runtime.run(tagged(3)))).toBe("sandbox-broken");
  });

  it("ends a run with its runtime", async () => {
    const runtime = await open("js", "export default () => new Promise(() => {})");
    const run = runtime.run(tagged(1));
    await runtime.close();
    expect(reasonOf(await run)).toBe("sandbox-broken");
  });

  it("lets compiled programs use what emscripten and bundlers expect of a bare realm", async () => {
    const wasm = "[0,97,115,109,1,0,0,0,1,7,1,96,2,127,127,1,127,3,2,1,0,7,5,1,1,102,0,0,10,9,1,7,0,32,0,32,1,106,11]";
    const program = `export default async (input) => {
      const { instance } = await WebAssembly.instantiate(new Uint8Array(${wasm}));
      await new Promise((resolve) => setTimeout(resolve, 1));
      await new Promise((resolve) => queueMicrotask(resolve));
      return {
        sum: instance.exports.f(40, 2),
        text: new TextDecoder().decode(new TextEncoder().encode(input)),
        path: new URL("b?c=1", "https://example.org/a/").pathname,
        random: new Set(crypto.getRandomValues(new Uint8Array(64))).size > 8,
        clock: performance.now() >= 0 && Date.now() > 1.6e12,
        digest: new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array()))[0],
      };
    }`;
    const runtime = await open("js", program);
    const expected = { sum: 42, text: "häx", path: "/a/b", random: true, clock: true, digest: 0xe3 };
    expect(valueOf(await runtime.run(tagged("häx")))).toEqual(expected);
    await runtime.close();
  });
});
