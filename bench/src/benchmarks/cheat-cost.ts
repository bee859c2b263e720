import { verificationRules, type VerificationRules } from "@aegis-pool/core";
import { type Outcome, scenarios, study } from "@aegis-pool/simulator";
import type { Benchmark } from "../benchmark.js";

/** Tasks of one study. */
const tasksOf = { short: 1_000_000, long: 10_000_000 } as const;

/** What others do: every n-th result is checked after n valid ones, two of three decide, and what is found out costs nothing. */
const oneInN: VerificationRules = {
  ...verificationRules,
  trainingProbability: 0,
  scrutiny: 1,
  leastProbability: 0,
  passesUntilFinal: 1,
  auditProbability: 0,
  convincingLead: 1,
  penaltyCharges: 0,
};

/** What verification costs, and what cheats get out of it, where a fifth of all agents cheats. */
export const cheatCost: Benchmark = {
  name: "cheat-cost",
  summary: "quorum(2) with a fifth of cheats of nine kinds: wrong results, overhead, profits; baseline: 1/n",
  run({ long, seed, say }) {
    const [mix] = scenarios;
    if (!mix) throw new TypeError("there are scenarios");
    const tasks = long ? tasksOf.long : tasksOf.short;
    say(`${tasks} tasks, seed ${seed}`);
    const own = study(mix, { seed, tasks });
    say("the same with 1/n");
    const plain = study(mix, { seed, tasks, rules: oneInN, enoughTrusted: Infinity });
    return Promise.resolve({ figures: figuresOf(own), baseline: baselineOf(plain) });
  },
};

function figuresOf(outcome: Outcome) {
  return [
    { name: "wrongFinal", value: outcome.wrongPart, unit: "ratio", atMost: 1e-4 },
    { name: "overhead", value: outcome.overhead, unit: "ratio", atMost: 0.1 },
    // of the kind that does best, against honest work
    { name: "bestCheatProfit", value: bestProfit(outcome), unit: "charges/run", atMost: -1e-6 },
    { name: "honestPunished", value: outcome.honestPunished, unit: "runs", atMost: 0 },
    { name: "honestDisproved", value: outcome.honestDisproved, unit: "runs", atMost: 0 },
  ];
}

function baselineOf(outcome: Outcome): Record<string, number> {
  return {
    oneInNWrongFinal: outcome.wrongPart,
    oneInNOverhead: outcome.overhead,
    oneInNBestCheatProfit: bestProfit(outcome),
    oneInNHonestDisproved: outcome.honestDisproved,
  };
}

/** What a run brings the cheats that do best, less what it brings honest agents. */
function bestProfit({ kinds: [honest, ...cheats] }: Outcome): number {
  return Math.max(...cheats.map(({ profitPerRun }) => profitPerRun)) - (honest?.profitPerRun ?? 0);
}
