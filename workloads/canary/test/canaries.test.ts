import { describe, expect, it } from "vitest";
import { canaries } from "../src/index.js";

let state = 0;
const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
const [some, others] = [canaries(3, random), canaries(3, random)];

/** What the program answers, run here without any sandbox. */
async function run(source: string, seed: number): Promise<unknown> {
  const module = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`);
  return (module.default as (input: { seed: number }) => unknown)({ seed });
}

describe("canaries", () => {
  it("are of kinds that need different things of a machine, as many as a rating is judged by", () => {
    expect(some.map(({ kind }) => kind)).toEqual(["products", "walk", "words", "mixing"]);
    expect(new Set(some.map(({ inputs }) => inputs.length))).toEqual(new Set([3]));
  });

  it("never have the same bytes, neither program nor inputs", () => {
    const sources = [...some, ...others].map(({ source }) => source);
    expect(new Set(sources).size).toBe(sources.length);
    const seeds = [...some, ...others].flatMap(({ inputs }) => inputs.map(({ seed }) => seed));
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(sources.join("")).not.toContain("$");
  });

  it.each(some.map((canary, index) => [canary.kind, canary, others[index]] as const))(
    "of the kind %s answer one number for a seed, however they are written",
    async (_kind, one, other) => {
      const answer = await run(one.source, 7);
      expect(answer).toEqual(expect.any(Number));
      expect(await run(other?.source ?? "", 7)).toBe(answer);
      expect(await run(one.source, 8)).not.toBe(answer);
    },
  );
});
