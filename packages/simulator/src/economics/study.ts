import { defaultPrices } from "@aegis-pool/core";
import type { Month } from "./accounts.js";
import { agentsOf, breakEvenUsd } from "./agents.js";
import { assumptions, individualMix, institutionMix } from "./assumptions.js";
import { type AttackOutcome, attacks, playAttack } from "./attacks.js";
import {
  availabilityMonth,
  emissionLeft,
  extremesOfCards,
  institutionReturn,
  monthAtFloor,
  monthOfCards,
  monthOfInstitution,
  monthsByDevice,
  returnOnHardware,
} from "./conditions.js";
import { playMonths, type PoolMonth } from "./months.js";

/** How much is played. */
export interface EconomicsOptions {
  /** Decides everything. */
  readonly seed: number;
  /** Of the whole pool. */
  readonly months: number;
  /** Epochs of a day for everything else. */
  readonly days: number;
}

/** One condition changed, all else as assumed. */
export interface Sensitivity {
  readonly what: string;
  /** AIS a month of an RTX 4090. */
  readonly rtx4090Ais: number;
  /** Undefined: it does not depend on it, or was not played. */
  readonly institutionReturn: number | undefined;
}

/** What came out of all. */
export interface EconomicsOutcome {
  readonly months: readonly PoolMonth[];
  readonly devices: readonly {
    readonly device: string;
    /** AIS a month by utilisation. */
    readonly ais: readonly number[];
    /** USD for an AIS below which work pays less than its electricity. */
    readonly breakEvenUsd: number;
  }[];
  readonly institution: readonly {
    readonly utilisation: number;
    readonly returnOnBond: number;
    /** By prices of AIS, then of hardware. */
    readonly returnOnHardware: readonly (readonly number[])[];
  }[];
  readonly emission: readonly { readonly poolScu: number; readonly leftAis: readonly number[] }[];
  readonly sensitivity: readonly Sensitivity[];
  readonly attacks: readonly AttackOutcome[];
}

export const utilisations = [0.25, 0.5, 0.75, 0.85] as const;
export const institutionUtilisations = [0.5, 0.6, 0.75] as const;
export const aisPricesUsd = [0.5, 1, 2, 4] as const;
/** USD of one of the institution's devices with its part of a server: bought used, as assumed, and new with all around it. */
export const hardwarePricesUsd = [7_000, institutionMix.hardwareUsd, 20_000] as const;
export const emissionYears = 12;
const poolSizes = [1_400, 50_000, 140_000, 500_000] as const;

/** Plays everything; `say` hears what is being played. */
export function studyEconomics(options: EconomicsOptions, say: (line: string) => void): EconomicsOutcome {
  const { seed, days } = options;
  say(`${options.months} months of the whole pool`);
  const months = playMonths(options);
  say("devices by utilisation");
  const devices = byDevice(options);
  say("the institution");
  const institution = institutionUtilisations.map((utilisation) => ofInstitution(options, utilisation));
  say("the emission");
  const emission = poolSizes.map((poolScu) => ({
    poolScu,
    leftAis: emissionLeft(poolScu, assumptions.onlinePart.individual, emissionYears),
  }));
  say("what changes with the assumptions");
  const sensitivity = sensitivities(options);
  const played = attacks.map((attack) => {
    say(`attack ${attack.name}`);
    return playAttack(attack, { seed, days });
  });
  return { months, devices, institution, emission, sensitivity, attacks: played };
}

function byDevice(options: EconomicsOptions): EconomicsOutcome["devices"] {
  const played = utilisations.map((utilisation) => monthsByDevice({ ...options, utilisation }));
  return individualMix.map((share, index) => {
    const [agent] = agentsOf(share);
    return {
      device: share.device,
      ais: played.map((devices) => devices[index]?.month.ais ?? Number.NaN),
      breakEvenUsd: agent
        ? breakEvenUsd(agent, Number(defaultPrices.floor), assumptions.electricityUsdPerKwh)
        : Number.NaN,
    };
  });
}

function ofInstitution(options: EconomicsOptions, utilisation: number): EconomicsOutcome["institution"][number] {
  const conditions = { ...options, utilisation };
  const month = monthOfInstitution(conditions);
  return {
    utilisation,
    returnOnBond: institutionReturn(conditions),
    returnOnHardware: aisPricesUsd.map((aisUsd) =>
      hardwarePricesUsd.map((hardwareUsd) => returnOnHardware(month, { aisUsd, hardwareUsd })),
    ),
  };
}

/** The RTX 4090 and the institution under one changed condition each; at a utilisation of a half where nothing else is said. */
function sensitivities(options: EconomicsOptions): Sensitivity[] {
  const at = (utilisation: number) => ({ ...options, utilisation });
  const usual = monthOfCards(at(0.5));
  const both = (what: string, utilisation: number, onlinePart?: number): Sensitivity => {
    const traits = onlinePart === undefined ? {} : { onlinePart };
    const rtx4090Ais = monthOfCards(at(utilisation), traits).ais;
    return { what, rtx4090Ais, institutionReturn: institutionReturn(at(utilisation), traits) };
  };
  return [
    ...[0.1, 0.3, 0.5, 0.7, 0.85].map((part) => both(`utilisation ${percent(part)}`, part)),
    ...[0.9, 0.7, 0.55].map((part) => both(`available ${percent(part)} of the time, utilisation 50%`, 0.5, part)),
    ...[0.9, 1, 1.001, 1.1, 1.25].map((part) => atFloor(part, options)),
    ...[1, 1.1].map((part) => atFloor(part, options, 1)),
    ...bound(usual),
    ...unevenly(options),
  ];
}

function atFloor(part: number, options: EconomicsOptions, utilisation: number = assumptions.demand): Sensitivity {
  const month = monthAtFloor(part, { ...options, utilisation });
  const what = `floor ${part} x reference while all others ask the reference, pool at ${percent(utilisation)}: runs ${percent(month.utilisation)}`;
  return { what, rtx4090Ais: month.ais, institutionReturn: undefined };
}

/** What is left where the emission is shared by more, or half or a quarter of it is issued. Work pays as ever. */
function bound({ workAis }: Month): Sensitivity[] {
  const cases = [
    [100_000, 0],
    [140_000, 0],
    [200_000, 0],
    [500_000, 0],
    [100_000, 4],
    [100_000, 8],
  ] as const;
  return cases.map(([poolScu, years]) => {
    const available = (onlinePart: number) => availabilityMonth(1, { poolScu, onlinePart, years });
    const { individual, institution } = assumptions.onlinePart;
    const [card] = agentsOf({ device: "NVIDIA GeForce RTX 4090", count: 1, hardwareUsd: 0 });
    const scu = (card?.speed ?? 0) / 1e6;
    const institutionWork = (workAis / scu) * (1 + 0.3 * assumptions.complexPart);
    return {
      what: `${poolScu.toLocaleString("en-US")} SCU in the pool, year ${years + 1}, utilisation 50%`,
      rtx4090Ais: scu * available(individual) + workAis,
      institutionReturn: (12 * (available(institution) + institutionWork)) / 300,
    };
  });
}

/** Production's matching gives equal floors to whoever connected first; elsewhere in the study all are utilised alike. */
function unevenly(options: EconomicsOptions): Sensitivity[] {
  const [most, least] = extremesOfCards({ ...options, utilisation: 0.5, tieBreak: "first" });
  return (
    [
      ["first", most],
      ["last", least],
    ] as const
  ).map(([which, month]) => ({
    what: `equal floors go by who connected first, pool at 50%: the ${which} tenth runs ${percent(month.utilisation)}`,
    rtx4090Ais: month.ais,
    institutionReturn: undefined,
  }));
}

/** What an attack brings over honest work with the same outlay, AIS a month. */
export function overHonest({ profitAis: profit, honestAis }: AttackOutcome): number {
  return profit - honestAis;
}

/** "52%". */
export function percent(part: number): string {
  return `${Math.round(100 * part)}%`;
}
