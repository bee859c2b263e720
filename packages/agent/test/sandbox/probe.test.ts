import { expect, it } from "vitest";
import { createEngines } from "../../src/engines/index.js";
import { probeSandbox } from "../../src/sandbox/probe.js";

it("names every part of a sandbox, whether it is here, and how to get it", async () => {
  const parts = await probeSandbox();
  expect(parts.map(({ name }) => name)).toEqual(["deno", "bubblewrap", "prlimit", "cgroups"]);
  for (const { detail, howToGet } of parts) expect(Math.min(detail.length, howToGet.length)).toBeGreaterThan(0);
});

it("agrees with what the engines then use", async () => {
  const parts = new Map((await probeSandbox()).map((part) => [part.name, part.available]));
  const engines = await createEngines({ prewarm: 0 });
  expect(engines.offered.length > 0).toBe(parts.get("deno"));
  expect(engines.offered[0]?.walls.includes("bubblewrap")).toBe(parts.get("bubblewrap"));
  expect(engines.offered[0]?.walls.includes("prlimit")).toBe(parts.get("prlimit"));
  await engines.close();
});
