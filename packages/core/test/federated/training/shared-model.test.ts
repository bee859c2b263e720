import { describe, expect, it } from "vitest";
import { plainSum, runTogether } from "../../../src/federated/run-together.js";
import { initialModel } from "../../../src/federated/training/network.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { SharedModel } from "../../../src/federated/training/shared-model.js";
import { trainTogether } from "../../../src/federated/training/train-together.js";
import { logistic, network, terms } from "./made-run.js";
import { entry, madeRows } from "./made-rows.js";

const zeros = initialModel(logistic, () => 0);

describe("a shared model", () => {
  it("follows the sums of a run that it has no rows for, to the same model", () => {
    const start = initialModel(network, seededUniform(1));
    const follower = new SharedModel(start, terms);
    const nothing = { update: new Float64Array(start.parameters.length), loss: 0, rows: 0 };
    const procedures = [madeRows(90, 4, 3), madeRows(30, 4, 4)].map((rows, index) =>
      trainTogether(rows, start, terms, { uniform: seededUniform(index) }),
    );
    const [result] = runTogether(procedures, (steps) => {
      const sums = plainSum(follower.isDone ? steps : [...steps, follower.step(nothing)]);
      if (!follower.isDone) follower.take(sums);
      return sums;
    });
    expect(follower.model).toEqual(result?.model);
  });

  it("leaves the model that it began with, and what it was given, as they were", () => {
    const shared = new SharedModel(zeros, { ...terms, clip: { norm: 1 } });
    const update = Float64Array.of(3, 0, 0, 0, 4);
    const step = shared.step({ update, loss: 1, rows: 100 });
    expect([...entry(step.parts, 0).values]).toEqual([expect.closeTo(0.6, 12), 0, 0, 0, expect.closeTo(0.8, 12)]);
    shared.take(plainSum([step]));
    expect([...update]).toEqual([3, 0, 0, 0, 4]);
    expect([...zeros.parameters]).toEqual([0, 0, 0, 0, 0]);
    shared.model.parameters.fill(9);
    expect([...shared.model.parameters]).toEqual([0.6, 0, 0, 0, 0.8].map((value) => expect.closeTo(value, 6)));
  });

  it.each([
    ["of another length", Float64Array.of(1, 2), "An update of 2 values does not fit 5 parameters"],
    ["that is infinite", Float64Array.of(1, 2, 3, 4, Infinity), "Training diverged"],
    ["that is no number", Float64Array.of(1, Number.NaN, 3, 4, 5), "Training diverged"],
  ])("takes no update %s", (_, update, message) => {
    expect(() => new SharedModel(zeros, terms).step({ update, loss: 1, rows: 9 })).toThrow(message);
  });

  it.each([-1, 0.5, Number.NaN])("takes no count of %d rows", (rows) => {
    const said = { update: new Float64Array(5), loss: 1, rows };
    expect(() => new SharedModel(zeros, terms).step(said)).toThrow("rows must be a whole number");
  });
});
