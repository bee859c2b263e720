import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { engineVersions } from "../../src/engines/versions.js";
import { findDeno } from "../../src/sandbox/deno.js";

it("receipts name the Deno that really runs", () => {
  const printed = execFileSync(findDeno() ?? "deno", ["--version"], { encoding: "utf8" });
  const version = /^deno (\S+)/.exec(printed)?.[1];
  for (const stated of Object.values(engineVersions)) expect(stated.endsWith(` deno-${version}`)).toBe(true);
});
