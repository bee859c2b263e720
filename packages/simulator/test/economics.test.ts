import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { rewardDefaults } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import {
  agentsOf,
  assumptions,
  attacks,
  type Behaviour,
  EconomyWorld,
  emissionLeft,
  institutionReturn,
  monthAtFloor,
  monthOf,
  monthOfCards,
  playAttack,
  playMonths,
  pricesPerScu,
} from "../src/index.js";

const seed = 7;
const card = { device: "NVIDIA GeForce RTX 4090", count: 1, hardwareUsd: 0 };

describe("the study of economics", () => {
  it("plays the same for the same seed, and otherwise for another", () => {
    const first = playMonths({ seed: 1, months: 1 });
    expect(playMonths({ seed: 1, months: 1 })).toEqual(first);
    expect(playMonths({ seed: 2, months: 1 })).not.toEqual(first);
  });

  it("gives what the closed formulas give, task by task", () => {
    const { onlinePart } = assumptions;
    for (const utilisation of [0.5, 0.85]) {
      const month = monthOfCards({ seed, days: 10, utilisation });
      expect(month.utilisation).toBeCloseTo(utilisation, 1);
      const formula = 1.5 * 10.2 * onlinePart.individual + 0.01 * 10.2 * 730 * utilisation;
      expect(Math.abs(month.ais / formula - 1)).toBeLessThan(0.02);
    }
    const formula = (12 * (1.5 * onlinePart.institution + 7.3 * 0.6 * (1 + 0.3 * 0.25))) / 300;
    expect(Math.abs(institutionReturn({ seed, days: 5, utilisation: 0.6 }) / formula - 1)).toBeLessThan(0.02);
  });

  it("pays less for being available the dearer an offer is than the reference price, and nothing at 1.25 times it", () => {
    const conditions = { seed, days: 1, utilisation: 0.5 };
    const [full = 0, ...dearer] = [1, 1.05, 1.2, 1.25].map((part) => monthAtFloor(part, conditions).availabilityAis);
    expect(full).toBeGreaterThan(14);
    for (const [index, part] of [0.8, 0.2, 0].entries()) expect((dearer[index] ?? 1) / full).toBeCloseTo(part, 2);
  });

  it("leaves the whole emission but what its schedule issues, and more of it in a smaller pool", () => {
    const [small, large] = [emissionLeft(1_400, 1, 4), emissionLeft(500_000, 1, 4)];
    expect(large.at(-1)).toBeCloseTo(10e6, -5);
    expect(small.at(-1)).toBeCloseTo(20e6 - 4 * 365.25 * 24 * 1_400 * (1.5 / 730), -2);
  });
});

/** Work for nobody and lose nothing, which decision 035 leaves open; `npm run bench -- economics-attacks` says so. */
const paidLikeIdle: ReadonlySet<string> = new Set(["idleReserve", "selfOccupation"]);

describe("attacks", () => {
  it.each(attacks.map((attack) => [attack.name, attack] as const))(
    "%s brings less than honest work with the same outlay",
    (_, attack) => {
      const { profitAis, honestAis } = playAttack(attack, { seed, days: attack.name.startsWith("price") ? 5 : 2 });
      const isToLose = attack.worksForNobody && !paidLikeIdle.has(attack.name);
      expect(profitAis).toBeLessThan(isToLose ? Math.min(0, honestAis) : honestAis);
    },
  );

  it("by own work at one nAIS do not move the reference price, however much of it there is", () => {
    const attack = attacks.find(({ name }) => name === "priceWashDown");
    if (!attack) throw new TypeError("there is such an attack");
    expect(playAttack(attack, { seed, days: 5 }).reference).toBe(3_087);
  });

  it("see what the rule of taken offers is for: without it whoever refuses each fifth offer is paid", () => {
    const behaviour: Behaviour = { name: "refuses", takes: (_, { offered }) => offered % 5 > 0 };
    const agents = [...agentsOf(card, undefined, { behaviour }), ...agentsOf({ ...card, count: 9 })];
    const paid = (leastTakenPercent: number) => {
      const world = new EconomyWorld({ seed, rules: { ...rewardDefaults, leastTakenPercent } });
      const epoch = world.play(agents, { work: 40 * 86_400, complexPart: 0, topPrice: () => 4_000 });
      return monthOf([epoch], ({ behaviour: { name } }) => name === "refuses").availabilityAis;
    };
    expect(paid(0)).toBeGreaterThan(4);
    expect(paid(95)).toBe(0);
  });
});

describe("prices of clouds", () => {
  const csv =
    "provider,gpu,gpu_memory_gib,count,price_usd_per_hour,price_usd_per_gpu_hour,source_path\nvast,RTX 4090,24,1,0.40,0.40,x\nvast,RTX 4090,24,4,1.39,0.3475,x\nlambda,CPU only,,1,0.20,,x\nvast,A card of nobody's,1,1,1,1,x\n";

  it("are the cheapest of each provider and device, for an SCU-hour by the device's data sheet", () => {
    const own = pricesPerScu(csv).filter(({ provider }) => provider === "vast");
    expect(own.map(({ device, usdPerGpuHour }) => [device, usdPerGpuHour])).toEqual([
      ["NVIDIA GeForce RTX 4090", 0.3475],
    ]);
    expect(own[0]?.usdPerScuHour).toBeCloseTo(0.3475 / 10.2, 3);
  });

  it("are list prices where there is no file", () => {
    expect(pricesPerScu(undefined).every(({ provider }) => provider.startsWith("SageMaker"))).toBe(true);
    expect(pricesPerScu(undefined)).toHaveLength(3);
  });
});

describe("npm run simulate -- economics", () => {
  const main = fileURLToPath(new URL("../dist/main.js", import.meta.url));
  const simulate = (args: readonly string[], data: string) =>
    promisify(execFile)(process.execPath, [main, "economics", ...args], { env: { ...process.env, AEGIS_DATA: data } });

  it("runs without the file of prices, says so, and promises nothing", async () => {
    const empty = await mkdtemp(join(tmpdir(), "aegis-data-"));
    const { stdout, stderr } = await simulate(["--months", "1", "--days", "1"], empty);
    await rm(empty, { recursive: true });
    expect(stderr).toContain("marketplaces' prices are left out");
    for (const words of ["no promise", "Months of the whole pool", "SageMaker", "sybilSplit"]) {
      expect(stdout).toContain(words);
    }
  });

  it.each([
    [["--months", "0"], "--months 0 is not 1 or more"],
    [["--days", "x"], "--days x is no whole number"],
    [["--fast"], "Unknown option '--fast'"],
  ])("says what it wants instead of %j", async (args, words) => {
    await expect(simulate(args, "")).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });
});
