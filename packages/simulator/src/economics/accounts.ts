import { nanoAisPerAis, rewardDefaults } from "@aegis-pool/core";
import type { Agent, Owner } from "./agents.js";
import { assumptions } from "./assumptions.js";
import type { AgentOutcome, EpochOutcome } from "./world.js";

const dayHours = 24;
const ais = Number(nanoAisPerAis);

/** What agents had of a time, for a month of 730 hours each, on average of them. */
export interface Month {
  /** The part of the month in which they ran others' tasks, and the part of that work that was complex. */
  readonly utilisation: number;
  readonly complexPart: number;
  /** AIS for being available, for work net of the fee, and paid for their own tasks. */
  readonly availabilityAis: number;
  readonly workAis: number;
  readonly ownCostAis: number;
  /** The sum. */
  readonly ais: number;
  readonly kWh: number;
}

/** What an agent of those that `isChosen` had in a month, on average. */
export function monthOf(epochs: readonly EpochOutcome[], isChosen: (agent: Agent) => boolean): Month {
  const days = epochs.flatMap(({ agents }) => agents.filter(({ agent }) => isChosen(agent)));
  const sum = (of: (day: AgentOutcome) => number) => days.reduce((total, day) => total + of(day), 0);
  const perMonth = rewardDefaults.monthHours / dayHours / days.length;
  const [work, possible] = [sum((day) => day.work), sum(({ agent }) => agent.speed * dayHours * 3_600)];
  const [availabilityAis, workAis, ownCostAis] = [
    (sum((day) => day.availability) * perMonth) / ais,
    (sum((day) => day.earned) * perMonth) / ais,
    (sum((day) => day.ownCost) * perMonth) / ais,
  ];
  return {
    ...{ availabilityAis, workAis, ownCostAis },
    utilisation: work / possible,
    complexPart: work === 0 ? 0 : sum((day) => day.complexWork) / work,
    ais: availabilityAis + workAis - ownCostAis,
    kWh: sum(energyOf) * perMonth,
  };
}

/** Wh / 1000 of a day: at full load while it runs tasks or proves its speed, idle while it is connected, nothing while it is away. */
function energyOf({ agent, busyMs, away: [from, to] }: AgentOutcome): number {
  const onlineHours = dayHours - (to - from) / 3_600_000;
  const busyHours = Math.min(onlineHours, busyMs / 3_600_000);
  const loadHours = busyHours + assumptions.proofPart * (onlineHours - busyHours);
  return (agent.loadWatts * loadHours + agent.idleWatts * (onlineHours - loadHours)) / 1_000;
}

/** What is left of a month in AIS when electricity is paid. */
export function profitAis(
  { ais: income, kWh }: Month,
  { aisUsd, electricityUsdPerKwh }: { readonly aisUsd: number; readonly electricityUsdPerKwh: number } = assumptions,
): number {
  return income - (kWh * electricityUsdPerKwh) / aisUsd;
}

/** What an owner's agents bring in a year, by its bond; electricity is not in it. */
export function returnOnBond(month: Month, owner: Owner, agents: number): number {
  return (12 * month.ais * agents * ais) / Number(owner.bond);
}

export const ofDevice = (device: string) => (agent: Agent) => agent.device === device;
export const ofOwner = (owner: Owner) => (agent: Agent) => agent.owner.name === owner.name;
