import { expect, it } from "vitest";
import { type AgentNow, countWhy, describeWhyNot, whyNot } from "../../src/market/why.js";
import { group, terms } from "./matching/fixtures.js";

const agent = (now: Partial<AgentNow> = {}): AgentNow => ({
  ...{ terms: terms(), room: 0, isKept: false, free: undefined },
  ...now,
});
const gang = group({}, { gang: { number: 1, size: 2 } });

it("a pair is kept apart by the first filter that refuses it, by no room, or by nothing", () => {
  expect(whyNot(group({ maxPrice: 1 }), agent())).toBe("price");
  expect(whyNot(group(), agent())).toBe("busy");
  expect(whyNot(group(), agent({ isKept: true }))).toBe("kept");
  expect(whyNot(group(), agent({ room: 1 }))).toBeUndefined();
});

it("a gang is kept from an agent by the others that it needs, which are not free", () => {
  expect(whyNot(gang, agent())).toBe("busy");
  expect(whyNot(gang, agent({ room: 1 }))).toBe("gang");
  expect(whyNot(gang, agent({ isKept: true }))).toBe("gang");
});

it("reasons are counted over pairs, and each has words", () => {
  const wasm = terms({}, { engines: ["wasm"] });
  const agents = [agent({ terms: wasm, room: 1 }), agent({ terms: wasm }), agent(), agent({ room: 3 })];
  const counts = countWhy(agents.map((each) => [group(), each] as const));
  expect(counts).toEqual({ engine: 2, busy: 1, fits: 1 });
  for (const reason of [
    "engine",
    "memory",
    "card",
    "price",
    "operator",
    "bond",
    "requester",
    "busy",
    "kept",
    "gang",
  ] as const) {
    expect(describeWhyNot(reason)).toMatch(/^\w/);
  }
});
