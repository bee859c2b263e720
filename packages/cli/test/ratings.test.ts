import type { Component, ComponentName } from "@aegis-pool/agent";
import { expect, test } from "vitest";
import { type ClassRating, ratingsText } from "../src/terminal/ratings.js";

const component = (name: ComponentName, sustained: number): Component => ({
  name,
  sustained,
  burst: sustained * 1.1,
  spread: 0.012,
});
const memory = ["read", "write", "triad"] as const;
const cpu: ClassRating = {
  class: "cpu",
  device: "8 cores",
  components: [component("fp32", 400e9), ...memory.map((name) => component(name, 40e9))],
  scu: 141_421,
  busy: false,
};
const webgpu: ClassRating = {
  class: "webgpu",
  device: "50% of a card",
  components: [component("fp32", 8e12), component("fp16", 16e12), ...memory.map((name) => component(name, 100e9))],
  scu: 1_000_000,
  busy: false,
};

test("each class has a table of the same columns, what it is worth, and a bar of its own", () => {
  const text = ratingsText([cpu, webgpu], []);
  expect(text.match(/^class .*spread$/gm)).toHaveLength(2);
  expect(text).toMatch(/^webgpu +FP32 matrix product +8000\.0 +8800\.0 +1\.2% +GFLOP\/s$/m);
  expect(text).toMatch(/^ +FP16 matrix product +16000\.0 +17600\.0 +1\.2% +GFLOP\/s$/m);
  expect(text).toMatch(/1 SCU.* of the webgpu class \(50% of a card\)/);
  expect(text).toMatch(/^ +this machine, cpu +█+ 0\.141 SCU$/m);
  expect(text).toMatch(/^ +this machine, webgpu +█+ 1 SCU$/m);
  expect(text).not.toContain("still vary");
});

test("a class that is absent has one line that says why and how to get it", () => {
  const text = ratingsText([{ ...cpu, busy: true }], [{ class: "webgpu", why: "no card", howToGet: "buy one" }]);
  expect(text).toContain("No webgpu class: no card. To get it: buy one.");
  expect(text).toContain("The figures still vary");
});
