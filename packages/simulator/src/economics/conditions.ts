import {
  availabilityRewards,
  defaultPrices,
  epochBudget,
  epochOf,
  nanoAisPerAis,
  rewardDefaults,
} from "@aegis-pool/core";
import { type Month, monthOf, profitAis, returnOnBond } from "./accounts.js";
import { type Agent, agentsOf, type AgentTraits, institution, scuOf, wholePool } from "./agents.js";
import { assumptions, individualMix, institutionMix } from "./assumptions.js";
import { EconomyWorld, type EconomyOptions, sumOf } from "./world.js";

/** How long a pool is played, at what utilisation. */
export interface Conditions extends EconomyOptions {
  readonly days: number;
  /** Work that is asked for, as a part of what all could do: so much they run, all alike. */
  readonly utilisation: number;
}

const card = "NVIDIA GeForce RTX 4090";
const cards = { device: card, count: 40, hardwareUsd: 0 };
const ais = Number(nanoAisPerAis);

/** A month of RTX 4090s among their like, on average of forty; none of their work is complex. */
export function monthOfCards(conditions: Conditions, traits: AgentTraits = {}): Month {
  return monthOf(play(agentsOf(cards, undefined, traits), conditions, 0), () => true);
}

/** A month of a device of the institution, a quarter of whose work is complex. */
export function monthOfInstitution(conditions: Conditions, traits: AgentTraits = {}): Month {
  return monthOf(play(agentsOf(institutionMix, institution, traits), conditions, assumptions.complexPart), () => true);
}

/** The institution's year on its bond. */
export function institutionReturn(conditions: Conditions, traits?: AgentTraits): number {
  return returnOnBond(monthOfInstitution(conditions, traits), institution, institutionMix.count);
}

/** The institution's year on its hardware, by prices in USD: what is left when electricity is paid. */
export function returnOnHardware(
  month: Month,
  prices: { readonly aisUsd: number; readonly hardwareUsd: number },
): number {
  const yearlyUsd = 12 * profitAis(month, { ...assumptions, aisUsd: prices.aisUsd }) * prices.aisUsd;
  return yearlyUsd / prices.hardwareUsd;
}

/** A month of each of the individuals' devices. */
export function monthsByDevice(conditions: Conditions): { readonly device: string; readonly month: Month }[] {
  const epochs = play(
    individualMix.flatMap((share) => agentsOf({ ...share, count: 4 })),
    conditions,
    0,
  );
  return individualMix.map(({ device }) => ({ device, month: monthOf(epochs, (agent) => agent.device === device) }));
}

/** What RTX 4090s of the whole pool earn at a floor of `part` of the reference price, while all others ask the reference price itself. */
export function monthAtFloor(part: number, conditions: Conditions): Month {
  const floor = Math.floor(part * Number(defaultPrices.floor));
  const own = agentsOf({ ...cards, count: 8 }, undefined, { floor });
  const others = wholePool().filter(({ device }) => device !== card);
  return monthOf(play([...own, ...others], conditions, assumptions.complexPart), ({ device }) => device === card);
}

/** The month of the tenth of forty RTX 4090s that works most, and of the tenth that works least. */
export function extremesOfCards(conditions: Conditions): readonly [most: Month, least: Month] {
  const agents = agentsOf(cards);
  const epochs = play(agents, conditions, 0);
  const months = agents.map(({ id }) => monthOf(epochs, (agent) => agent.id === id));
  const sorted = months.toSorted((one, other) => other.ais - one.ais);
  return [meanOf(sorted.slice(0, 4)), meanOf(sorted.slice(-4))];
}

/** AIS a month for `scu` that are available for `onlinePart` of the time in a pool of `poolScu` others alike, `years` after its beginning. */
export function availabilityMonth(
  scu: number,
  { poolScu, onlinePart, years }: { readonly poolScu: number; readonly onlinePart: number; readonly years: number },
): number {
  const epoch = epochOf(Math.round(years * 365.25), rewardDefaults);
  const budget = epochBudget(epoch, 0, rewardDefaults);
  const counting = [scu, ...others(poolScu)].map((each) => Math.floor(each * onlinePart * 86_400e6));
  const [reward = 0n] = availabilityRewards(counting, { budget, connected: sumOf(counting) }, rewardDefaults);
  return (Number(reward) / ais) * (rewardDefaults.monthHours / 24);
}

/** AIS of the emission that are left after each year, in a pool of that size from its first day on; all of them available for `onlinePart`. */
export function emissionLeft(poolScu: number, onlinePart: number, years: number): number[] {
  let left = Number(rewardDefaults.emission) / ais;
  return Array.from({ length: years }, (_, year) => {
    for (let day = firstDay(year); day < firstDay(year + 1); day++) {
      const budget = epochBudget(epochOf(day, rewardDefaults), 0, rewardDefaults);
      const counting = others(poolScu).map((each) => Math.floor(each * onlinePart * 86_400e6));
      left -=
        availabilityRewards(counting, { budget, connected: sumOf(counting) }, rewardDefaults).reduce(
          (sum, one) => sum + Number(one),
          0,
        ) / ais;
    }
    return left;
  });
}

const firstDay = (year: number): number => Math.floor(year * 365.25);

/** A pool as fifty agents: what one is available in an epoch stays a whole number below 2^53. */
const others = (poolScu: number): number[] => Array.from({ length: 50 }, () => poolScu / 50);

function play(agents: readonly Agent[], { days, utilisation, ...options }: Conditions, complexPart: number) {
  const world = new EconomyWorld(options);
  const demand = {
    work: utilisation * scuOf(agents) * 86_400,
    complexPart,
    topPrice: () => assumptions.topPrice,
  };
  return Array.from({ length: days }, () => world.play(agents, demand));
}

function meanOf(months: readonly Month[]): Month {
  const mean = (of: (month: Month) => number) => months.reduce((sum, month) => sum + of(month), 0) / months.length;
  return {
    utilisation: mean((month) => month.utilisation),
    complexPart: mean((month) => month.complexPart),
    availabilityAis: mean((month) => month.availabilityAis),
    workAis: mean((month) => month.workAis),
    ownCostAis: mean((month) => month.ownCostAis),
    ais: mean((month) => month.ais),
    kWh: mean((month) => month.kWh),
  };
}
