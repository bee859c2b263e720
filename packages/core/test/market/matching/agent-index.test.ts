import { expect, it } from "vitest";
import { MarketAgent } from "../../../src/market/matching/agent-index.js";
import { lendsEngine, taskEngines } from "../../../src/protocol/requirements.js";
import { terms } from "./fixtures.js";

it("finds the same tasks for an agent whether or not it may be drawn for committees", () => {
  const engines = ["wasm", "js"] as const;
  const [plain, member] = [engines, [...engines, "aggregate"] as const].map((offered) => {
    const { kind, groupKeys, shortKeys, partKeys } = new MarketAgent(terms({}, { engines: [...offered] }), 0);
    return { kind, groupKeys, shortKeys, partKeys };
  });
  expect(member).toEqual(plain);
  expect(taskEngines({ engines: ["aggregate"] })).toEqual([]);
  expect(lendsEngine({ class: "cpu", engines: ["aggregate"] }, "js")).toBe(false);
});
