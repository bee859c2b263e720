import { boardPowers, defaultPrices, deviceNamed, ratingOfDevice } from "@aegis-pool/core";
import { assumptions, type DeviceShare, individualMix, institutionMix } from "./assumptions.js";

/** Somebody who owns agents. */
export interface Owner {
  readonly name: string;
  /** nAIS. */
  readonly bond: bigint;
}

/** A way to treat what is offered, by its place among the offers of the epoch. */
export interface Behaviour {
  readonly name: string;
  /** Whether it takes a task. `taken` and `offered` are of this epoch, this task not counted. */
  readonly takes: (
    task: { readonly isComplex: boolean },
    so: { readonly offered: number; readonly missed: number },
  ) => boolean;
  /** It comes back under a new key after each miss, and waits for the pool's next slot of challenges to prove its speed. */
  readonly takesNewKeys?: boolean;
  /** Its own tiny tasks, spread over the day, end each back-off at once: production forgets it when a task ends. */
  readonly endsBackOffs?: boolean;
  /**
   * What of its time it runs tasks of its own requester, at which price in nAIS per SCU-second; undefined: it has none. `number` tasks
   * in an epoch; what each works is what is left of the time.
   */
  readonly own?: { readonly part: number; readonly price: number; readonly number: number };
}

export const willing: Behaviour = { name: "honest", takes: () => true };

/** An agent, and what its time costs. */
export interface Agent {
  readonly id: string;
  readonly owner: Owner;
  /** Its name in the table of devices. */
  readonly device: string;
  /** µSCU. */
  readonly speed: number;
  readonly memoryGiB: number;
  /** The part of the time in which it is connected. */
  readonly onlinePart: number;
  readonly idleWatts: number;
  readonly loadWatts: number;
  /** nAIS per SCU-second. */
  readonly floor: number;
  readonly behaviour: Behaviour;
}

/** What an agent is, but for its owner. */
export type AgentTraits = Partial<Pick<Agent, "floor" | "behaviour" | "onlinePart">>;

/** `count` agents of a device, each of an owner of its own, or all of one. */
export function agentsOf(
  { device: name, count }: DeviceShare,
  owner?: Owner,
  { floor = Number(defaultPrices.floor), behaviour = willing, onlinePart }: AgentTraits = {},
): Agent[] {
  const { speed, memoryGiB, watts } = figuresOf(name);
  const host = owner ? assumptions.institutionHostWatts : assumptions.hostWatts;
  return Array.from({ length: count }, (_, index) => ({
    id: `${owner?.name ?? "individual"}, ${name} ${index}, ${behaviour.name}`,
    owner: owner ?? { name: `${name} ${index}, ${behaviour.name}`, bond: 0n },
    device: name,
    speed,
    memoryGiB,
    onlinePart: onlinePart ?? (owner ? assumptions.onlinePart.institution : assumptions.onlinePart.individual),
    idleWatts: host + assumptions.idlePart * watts,
    loadWatts: host + watts,
    floor,
    behaviour,
  }));
}

/** @throws {TypeError} where the table has no such device, no watts or no memory of it */
export function figuresOf(name: string): Pick<Agent, "speed" | "memoryGiB"> & { readonly watts: number } {
  const device = deviceNamed(name);
  const watts = device && boardPowers.get(device.name)?.watts;
  const memoryGiB = device?.memoryGiB;
  if (!device || watts === undefined || memoryGiB === undefined)
    throw new TypeError(`the table of devices has no figures for "${name}"`);
  return { speed: ratingOfDevice(device), memoryGiB, watts };
}

/** 300 AIS for each SCU, as tiers ask for. */
export function bondFor(scu: number): bigint {
  return BigInt(Math.ceil(scu * 300)) * 1_000_000_000n;
}

/** The institution, with its bond. */
export const institution: Owner = {
  name: "institution",
  bond: bondFor((institutionMix.count * figuresOf(institutionMix.device).speed) / 1e6),
};

/** Everybody of the study's pool. */
export function wholePool(): Agent[] {
  return [...individualMix.flatMap((share) => agentsOf(share)), ...agentsOf(institutionMix, institution)];
}

/** SCU of all together. */
export function scuOf(agents: readonly Agent[]): number {
  return agents.reduce((sum, { speed }) => sum + speed, 0) / 1e6;
}

/** USD for an AIS below which an hour at full load earns less than it costs more than an idle one. */
export function breakEvenUsd({ speed, loadWatts, idleWatts }: Agent, price: number, usdPerKwh: number): number {
  const netAisPerHour = (speed / 1e6) * price * 3_600e-9 * 0.9;
  return (((loadWatts - idleWatts) / 1_000) * usdPerKwh) / netAisPerHour;
}
