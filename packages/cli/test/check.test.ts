import { describe, expect, it } from "vitest";
import { checkProgram } from "../src/jobs/check.js";

async function verdicts(source: string, inputs: readonly (number | string | null)[]) {
  const program = { engine: "js" as const, bytes: new TextEncoder().encode(source) };
  const found: { verdict: string; results: Readonly<Record<string, string>> }[] = [];
  for await (const checked of checkProgram(program, inputs)) found.push(checked);
  return found;
}

describe("a check of a program", () => {
  it("says that it gives the same result each time, also where it asks for time and randomness", async () => {
    const found = await verdicts("export default (n) => [n, Math.random(), Date.now(), crypto.randomUUID()];", [1, 2]);
    expect(found.map(({ verdict }) => verdict)).toEqual(["same", "same"]);
    expect(found[0]?.results).not.toEqual(found[1]?.results);
  });

  it("finds one whose result hangs on the machine: how deep it can call itself", async () => {
    const source = `
      export default () => {
        let depth = 0;
        const deeper = () => { depth++; deeper(); };
        const depths = [];
        for (let time = 0; time < 30; time++) { depth = 0; try { deeper(); } catch {} depths.push(depth); }
        return depths;
      };`;
    const [found] = await verdicts(source, [null]);
    expect(found?.verdict).toMatch(/^differs/);
  });

  it("gives the program what all tasks share", async () => {
    const bytes = new TextEncoder().encode(
      "export default (n, { shared }) => { if (shared.length !== 3) throw shared; return n; };",
    );
    for await (const { verdict } of checkProgram({ engine: "js", bytes }, [1], Uint8Array.of(1, 2, 3)))
      expect(verdict).toBe("same");
  });

  it("says what a metered program used of its fuel in each run, and that it was the same", async () => {
    for await (const { verdict, fuel } of checkProgram({ engine: "wasm", bytes: countdown(1_000) }, ["input"])) {
      const [used, ...others] = Object.values(fuel ?? {});
      expect(verdict).toBe("same");
      expect(used).toBe(2 + 1_000 * 5);
      expect(others).toEqual([used, used]);
    }
  });

  it("says how one fails, if it fails alike", async () => {
    const [found] = await verdicts("export default () => { throw new Error('always'); };", [null]);
    expect(found).toMatchObject({ verdict: "fails", results: { optimised: "threw: Error: always" } });
  });
});

/** A WASI command that counts down to zero (webassembly.github.io/spec/core/binary): two instructions, and five in each round. */
function countdown(rounds: number): Uint8Array {
  const count = [0x41, (rounds & 0x7f) | 0x80, rounds >> 7];
  const loop = [0x03, 0x40, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b];
  const body = [1, 1, 0x7f, ...count, 0x21, 0, ...loop, 0x0b];
  const names = [6, ...Buffer.from("memory"), 2, 0, 6, ...Buffer.from("_start"), 0, 0];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
    ...[7, names.length + 1, 2, ...names, 10, body.length + 2, 1, body.length, ...body],
  ]);
}
