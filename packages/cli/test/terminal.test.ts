import { describe, expect, test } from "vitest";
import { AegisError } from "@aegis-pool/core";
import { formatDuration, formatEstimate, parseDuration } from "../src/durations.js";
import { describeProgress } from "../src/jobs/follow.js";
import { exitCodeOf } from "../src/exit-codes.js";
import { demoMachines } from "../src/demo/machines.js";
import { table } from "../src/terminal/table.js";

describe("a table", () => {
  test("pads cells to the widest of their column and numbers to the right", () => {
    const text = table(
      [{ title: "name" }, { title: "n", align: "right" }],
      [
        ["a", "7"],
        ["longer", "123"],
      ],
    );
    expect(text.split("\n")).toEqual(["name      n", "──────  ───", "a         7", "longer  123"]);
  });

  test("cuts what is longer than its column may be, and keeps a cell on one line", () => {
    const [, , row] = table([{ title: "x", maxWidth: 4 }], [["ab\ncdef"]]).split("\n");
    expect(row).toBe("ab …");
  });
});

describe("durations", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5min", 90_000],
    ["2h", 7_200_000],
  ])("%s is %d ms", (text, ms) => expect(parseDuration(text)).toBe(ms));

  test.each(["", "5", "-1s", "1 week", "1e3s"])("%j is refused with bad-argument", (text) => {
    expect(() => parseDuration(text)).toThrow(expect.objectContaining({ code: "bad-argument" }) as Error);
  });

  test("are shown in the unit that fits", () => {
    expect([40, 1_500, 65_000, 3_900_000].map(formatDuration)).toEqual(["40 ms", "1.5 s", "1 min 5 s", "1 h 5 min"]);
  });

  test.each([
    [2, "10 ms"],
    [637, "640 ms"],
    [1_963, "2 s"],
    [1_540, "1.5 s"],
    [39_630, "40 s"],
    [59_700, "1 min"],
    [84_000, "1 min 24 s"],
    [724_000, "12 min"],
    [728_000, "12 min 10 s"],
    [3_900_000, "1 h 5 min"],
  ])("of %d ms is estimated as %s", (ms, text) => expect(formatEstimate(ms)).toBe(text));
});

const errorOf = (code: AegisError["code"]) => new AegisError({ code, message: "", next: "" });

test("an exit code tells wrong use, an unreachable pool and something not genuine apart", () => {
  const codes = (["bad-argument", "pool-unreachable", "log-mismatch", "budget-exceeded", "task-failed"] as const).map(
    (code) => exitCodeOf(errorOf(code)),
  );
  expect(codes).toEqual([2, 3, 4, 5, 1]);
});

test.each([
  [1, 4],
  [2, 8],
  [16, 64],
  [128, 512],
])("the demo's machines are unequal and fit a machine of %d cores and %d GiB", (cores, gibibytes) => {
  const machines = demoMachines(cores, gibibytes * 1024 ** 3);
  const memory = machines.map(({ share }) => Number(/memory=(\d+)MiB/.exec(share)?.[1]));
  expect(new Set(machines.map(({ share }) => share)).size).toBe(3);
  expect(memory.reduce((sum, part) => sum + part, 0)).toBeLessThanOrEqual(gibibytes * 1024);
});

describe("the progress of a job", () => {
  const counts = { queued: 3, matched: 0, running: 2, completed: 1, failed: 0, cancelled: 0 };
  const progress = { total: 6, finished: 1, failed: 0, spent: 0n, counts, agents: 2 };

  test("says about how long is left, and how long a task takes where it runs", () => {
    const said = describeProgress({ ...progress, remainingMs: 119_600, taskMs: 39_630 });
    expect(said).toBe("about 2 min left, 2 running of about 40 s, 2 agents, 0 nAIS");
  });

  test("says of no time what nobody knows", () => {
    const said = describeProgress({ ...progress, remainingMs: undefined, taskMs: undefined });
    expect(said).toBe("2 running, 2 agents, 0 nAIS");
  });
});
