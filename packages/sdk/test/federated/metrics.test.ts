import { describe, expect, it } from "vitest";
import { metricsLimits, parseMetrics } from "../../src/federated/trainer/metrics.js";

const good = '{"loss":0.5,"rows":7,"auc":0.75,"__proto__":2}';

const many = (count: number): string =>
  JSON.stringify({
    loss: 1,
    rows: 1,
    ...Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, at])),
  });
const named = (length: number): string => JSON.stringify({ loss: 1, rows: 1, ["x".repeat(length)]: 1 });

describe("a trainer's metrics", () => {
  it("are a loss, rows and other numbers", () => {
    const others = new Map([
      ["auc", 0.75],
      ["__proto__", 2],
    ]);
    expect(parseMetrics(good)).toEqual({ loss: 0.5, rows: 7, others });
  });

  it.each([
    ["no JSON", "loss: 1", "it is not JSON"],
    ["NaN, as Python writes it", '{"loss":NaN,"rows":1}', "it is not JSON"],
    ["an array", "[1]", "it is no JSON object"],
    ["null", "null", "it is no JSON object"],
    ["a loss beyond all numbers", '{"loss":1e999,"rows":1}', 'its "loss" is no finite number'],
    ["text for a number", '{"loss":1,"rows":1,"auc":"0.7"}', 'its "auc" is no finite number'],
    ["no loss", '{"rows":1}', 'it lacks "loss" or "rows"'],
    ["no rows", '{"loss":1}', 'it lacks "loss" or "rows"'],
    ["half a row", '{"loss":1,"rows":1.5}', 'its "rows" is 1.5'],
    ["rows of nobody", '{"loss":1,"rows":0}', 'its "rows" is 0'],
    ["too many entries", many(metricsLimits.others + 1), "it has 67 entries, more than 66"],
    ["a long name", named(metricsLimits.nameLength + 1), "a name is longer than 64 characters"],
  ])("are refused with %s", (_, json, why) => {
    expect(parseMetrics(json)).toEqual(expect.stringContaining(why));
  });

  it("are taken at their limits", () => {
    expect(parseMetrics(many(metricsLimits.others))).toMatchObject({ loss: 1 });
    expect(parseMetrics(named(metricsLimits.nameLength))).toMatchObject({ loss: 1 });
  });
});
