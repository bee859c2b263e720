import { institutionReturn, monthOfCards } from "@aegis-pool/simulator";
import type { Benchmark } from "../benchmark.js";

/** Epochs of a day. */
const daysOf = { short: 30, long: 120 } as const;

/** What the mission states, by the utilisation at which it states it. */
const cardUtilisations = [0.5, 0.85] as const;
const institutionUtilisations = [0.5, 0.6, 0.75] as const;
const rtx4090Scu = 10.2;

/** What an RTX 4090 and an institution earn where every task of a month is charged one by one. */
export const economics: Benchmark = {
  name: "economics",
  summary: "AIS a month of an RTX 4090, a year's return on an institution's bond; baseline: DESIGN's closed formula",
  run({ long, seed, say }) {
    const days = long ? daysOf.long : daysOf.short;
    say(`${days} epochs of a day each, seed ${seed}`);
    const cards = cardUtilisations.map((utilisation) => ({
      name: `rtx4090At${percent(utilisation)}`,
      value: monthOfCards({ seed, days, utilisation }).ais,
      ...{ unit: "AIS/month", atLeast: 50, atMost: 80 },
    }));
    const returns = institutionUtilisations.map((utilisation) => ({
      name: `institutionAt${percent(utilisation)}`,
      value: institutionReturn({ seed, days, utilisation }),
      ...{ unit: "ratio/year", atLeast: 0.2, atMost: 0.3 },
    }));
    return Promise.resolve({ figures: [...cards, ...returns], baseline: closedFormulas() });
  },
};

/** `a*u*q + p*u*730*w*m` at q = 1, a = 1.5 and p = 0.010, for the card and for each SCU of the institution by its bond of 300 AIS. */
function closedFormulas(): Record<string, number> {
  return Object.fromEntries([
    ...cardUtilisations.map((utilisation) => [
      `formulaRtx4090At${percent(utilisation)}`,
      month(rtx4090Scu, utilisation, 0),
    ]),
    ...institutionUtilisations.map((utilisation) => [
      `formulaInstitutionAt${percent(utilisation)}`,
      (12 * month(1, utilisation, 0.25)) / 300,
    ]),
  ]) as Record<string, number>;
}

/** AIS of the closed formula. */
function month(scu: number, utilisation: number, complexPart: number): number {
  return 1.5 * scu + 0.01 * scu * 730 * utilisation * (1 + 0.3 * complexPart);
}

const percent = (part: number): number => Math.round(100 * part);
