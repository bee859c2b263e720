import { expect, it } from "vitest";
import { countWhy, describeWhyNot, whyNot } from "../../src/market/why.js";
import { group, terms } from "./matching/fixtures.js";

it("a pair is kept apart by the first filter that refuses it, by no room, or by nothing", () => {
  expect(whyNot(group({ maxPrice: 1 }), { terms: terms(), room: 0 })).toBe("price");
  expect(whyNot(group(), { terms: terms(), room: 0 })).toBe("busy");
  expect(whyNot(group(), { terms: terms(), room: 1 })).toBeUndefined();
});

it("reasons are counted over pairs, and each has words", () => {
  const agents = [
    { terms: terms({}, { engines: ["wasm"] }), room: 1 },
    { terms: terms({}, { engines: ["wasm"] }), room: 0 },
    { terms: terms(), room: 0 },
    { terms: terms(), room: 3 },
  ];
  const counts = countWhy(agents.map((agent) => [group(), agent] as const));
  expect(counts).toEqual({ engine: 2, busy: 1, fits: 1 });
  for (const reason of ["engine", "memory", "price", "operator", "requester", "busy"] as const) {
    expect(describeWhyNot(reason)).toMatch(/^\w/);
  }
});
