import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { verificationRules } from "@aegis-pool/core";
import { scenarios, study } from "../src/index.js";

const [allKinds] = scenarios;
const played = (seed: number, tasks: number, rules = verificationRules) => {
  if (!allKinds) throw new TypeError("there are scenarios");
  return study(allKinds, { seed, tasks, rules });
};

describe("the study of cheats", () => {
  it("plays the same for the same seed, and otherwise for another", () => {
    const first = played(5, 20_000);
    expect(played(5, 20_000)).toEqual(first);
    expect(played(6, 20_000)).not.toEqual(first);
  });

  it("leaves every kind of cheat with less than honest work brings, and takes no right result for wrong", () => {
    const { kinds, honestDisproved, honestPunished, wrongPart } = played(7, 300_000);
    const [honest, ...others] = kinds;
    expect(honest?.kind).toBe("honest");
    for (const { profitPerRun } of others) expect(profitPerRun).toBeLessThan(honest?.profitPerRun ?? 0);
    expect([honestDisproved, honestPunished]).toEqual([0, 0]);
    expect(wrongPart).toBeLessThan(0.001);
  });

  it("sees what a rule is for: without a least probability sleepers get their lies through", () => {
    const lax = { ...verificationRules, scrutiny: 1, leastProbability: 0, passesUntilFinal: 1 };
    expect(played(7, 100_000, lax).wrongPart).toBeGreaterThan(5 * played(7, 100_000).wrongPart);
  });
});

describe("framing requesters", () => {
  it("have nobody punished, and pay for every run that their attempts take", () => {
    const { framing, honestPunished } = played(7, 100_000);
    expect(framing.tasks).toBe(100);
    expect(framing.paidRuns).toBeGreaterThan(framing.tasks);
    expect(honestPunished).toBe(0);
  });
});

describe("silent liars", () => {
  it("are called wrong by nobody, and earn less than honest work all the same", () => {
    const scenario = scenarios.find(({ name }) => name === "silent liars");
    if (!scenario) throw new TypeError("there is such a scenario");
    const { kinds } = study(scenario, { seed: 7, tasks: 100_000 });
    const [honest, silent] = kinds;
    expect(silent?.profitPerRun).toBeLessThan(honest?.profitPerRun ?? 0);
    expect(silent?.runs).toBeGreaterThan(100);
  });
});

describe("npm run simulate", () => {
  const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const simulate = (...args: readonly string[]) => promisify(execFile)(process.execPath, [main, ...args]);

  it("prints a table for each scenario", async () => {
    const { stdout } = await simulate("cheats", "--tasks", "1000");
    for (const { name } of scenarios) expect(stdout).toContain(`${name}: 1,000 tasks`);
    expect(stdout).toContain("gain per run");
  });

  it.each([
    [[], "Usage: aegis simulate"],
    [["cheats", "--tasks", "12"], "--tasks 12 is not 1,000 or more"],
    [["cheats", "--seed", "x"], "--seed x is no whole number"],
    [["cheats", "--fast"], "Unknown option '--fast'"],
  ])("says what it wants instead of %j", async (args, words) => {
    await expect(simulate(...args)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });
});
