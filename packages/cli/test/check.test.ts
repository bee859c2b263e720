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

  it("says how one fails, if it fails alike", async () => {
    const [found] = await verdicts("export default () => { throw new Error('always'); };", [null]);
    expect(found).toMatchObject({ verdict: "fails", results: { optimised: "threw: Error: always" } });
  });
});
