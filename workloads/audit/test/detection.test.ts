import { beforeAll, describe, expect, it } from "vitest";
import { daspCategories } from "../src/categories.js";
import type { SarifLog } from "../src/sarif/types.js";
import type { AuditInput } from "../src/input.js";
import { alone, expectedIn, foundIn, loadProgram, sampleContracts } from "./program.js";

let audit: (input: AuditInput) => Promise<SarifLog>;
beforeAll(async () => {
  audit = await loadProgram();
});

const vulnerable = [...(await sampleContracts("")), ...(await sampleContracts("old/"))];
const clean = await sampleContracts("clean/");

describe("the vulnerable contracts", () => {
  it.each(vulnerable)(
    "finds every issue announced in $name, at its line and in its category",
    async ({ name, source }) => {
      const expected = expectedIn(source);
      expect(expected).not.toEqual([]);
      const found = foundIn(await audit(alone(source, name))).map(({ line, issue }) => ({ line, issue }));
      expect(found).toEqual(expect.arrayContaining(expected));
    },
  );

  it("announce at least one issue of each DASP category", () => {
    const announced = vulnerable.flatMap(({ source }) => expectedIn(source)).map(({ issue }) => issue.split("/")[0]);
    expect(new Set(announced)).toEqual(new Set(daspCategories));
  });

  it("are compiled, except the old one, whose refusal is information", async () => {
    for (const { name, source } of vulnerable) {
      const refusals = foundIn(await audit(alone(source, name))).filter(({ issue }) => issue.endsWith("/not-compiled"));
      expect(refusals.map(({ severity }) => severity)).toEqual(name.startsWith("old/") ? ["info"] : []);
    }
  });
});

describe("the clean contracts", () => {
  it.each(clean)("$name gives nothing high or medium", async ({ name, source }) => {
    const found = foundIn(await audit(alone(source, name)));
    expect(found.filter(({ severity }) => severity === "high" || severity === "medium")).toEqual([]);
    expect(found.filter(({ issue }) => issue.endsWith("/not-compiled"))).toEqual([]);
  });
});
