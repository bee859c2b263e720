import { type AttackOutcome, attacks, playAttack } from "@aegis-pool/simulator";
import type { Benchmark } from "../benchmark.js";

/** Epochs of a day for each attack, and for the honest work that it is held against. */
const daysOf = { short: 7, long: 30 } as const;
/** What is below zero: by this much, in AIS a month, at least. */
const loss = -1e-6;

/** What attacks on the rewards bring, after electricity. */
export const economicsAttacks: Benchmark = {
  name: "economics-attacks",
  summary: "attacks on rewards, AIS a month of a card after electricity; baseline: honest work with the same outlay",
  run({ long, seed, say }) {
    const days = long ? daysOf.long : daysOf.short;
    const outcomes = attacks.map((attack) => {
      say(`${attack.name}, ${days} epochs, seed ${seed}`);
      return playAttack(attack, { seed, days });
    });
    return Promise.resolve({ figures: outcomes.flatMap(figuresOf), baseline: baselineOf(outcomes) });
  },
};

function figuresOf({ attack, profitAis, honestAis }: AttackOutcome) {
  const unit = "AIS/month";
  const overHonest = { name: `${attack.name}OverHonest`, value: profitAis - honestAis, unit, atMost: loss };
  const itself = { name: `${attack.name}Profit`, value: profitAis, unit };
  return [overHonest, attack.worksForNobody ? { ...itself, atMost: loss } : itself];
}

function baselineOf(outcomes: readonly AttackOutcome[]): Record<string, number> {
  return Object.fromEntries(outcomes.map(({ attack, honestAis }) => [`${attack.name}Honest`, honestAis]));
}
