import { expect, test } from "vitest";
import { csvOf, csvTitles, lineOf } from "../src/earnings/lines.js";
import { explainTask } from "../src/earnings/why.js";

const line = {
  time: "2026-11-23T10:00:00.000Z",
  task: 7,
  agent: "ab".repeat(32),
  outcome: "completed",
  microScuSeconds: 5,
  priceNais: "3087",
  chargeNais: "10",
  feeNais: "1",
  rewardNais: "9",
  payment: "paid",
};

test("a CSV line has a cell for each title", () => {
  expect(csvOf(line).split(",")).toHaveLength(csvTitles.split(",").length);
});

test("a CSV cell with commas, quotes or line breaks is quoted, and none is taken for a formula", () => {
  expect(csvOf({ ...line, payment: 'a "b", c\nd' })).toMatch(/,"a ""b"", c\nd"$/);
  for (const start of ["=", "+", "-", "@", "\t"])
    expect(csvOf({ ...line, payment: `${start}1+1` })).toMatch(/,'.1\+1$/);
});

test("what is not genuine is said to be so, with nothing that it claims", () => {
  const bundle = {} as never;
  const forged = {
    line: 1,
    bundle,
    verified: undefined,
    settlement: undefined,
    problem: "the pool's receipt is not genuine",
  };
  expect(lineOf(forged)).toMatchObject({ task: undefined, payment: "not genuine: the pool's receipt is not genuine" });
});

test.each([
  ["expire", "nothing was heard of it in time"],
  ["withhold", "the requester refused the agent"],
  ["silence", "no fault of the agent"],
  ["cancel", "the requester cancelled the job"],
  ["decline", "did not take the offer"],
  ["handBack", "gave it back"],
] as const)("a lease that ended by %s is explained, and that nothing was earned", (event, words) => {
  const ended = [{ agent: "cd".repeat(32), fence: 2, event, at: 1_700_000_000_000 }];
  const text = explainTask(9, { earning: undefined, ended, holder: undefined });
  expect(text).toContain(words);
  expect(text).toContain("nothing was earned");
});
