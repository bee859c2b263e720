import {
  type EstimatedMonth,
  estimatedUtilisations,
  estimateMonth,
  formatAis,
  formatScu,
  ratingOfDevice,
  rewardDefaults,
} from "@aegis-pool/core";
import { table } from "../terminal/table.js";
import type { LentDevice } from "./lent.js";

/** What work is paid, and who says so. */
export interface WorkPrice {
  /** nAIS per SCU-second. */
  readonly price: number;
  readonly from: string;
}

/** A slow, a likely and a busy month. */
export interface Estimate {
  readonly device: string;
  /** µSCU of the whole device. */
  readonly speed: number;
  readonly months: readonly (EstimatedMonth & {
    readonly name: string;
    readonly utilisation: number;
    readonly electricityCost: number | undefined;
  })[];
  readonly assumptions: readonly string[];
}

export function estimateOf(lent: LentDevice, { price, from }: WorkPrice): Estimate {
  const speed = ratingOfDevice(lent.device);
  const months = Object.entries(estimatedUtilisations).map(([name, utilisation]) => {
    const month = estimateMonth({ ...lent, speed, price: BigInt(price) }, utilisation, rewardDefaults);
    const { perKwh } = lent;
    const electricityCost = perKwh === undefined || month.kWh === undefined ? undefined : month.kWh * perKwh;
    return { name, utilisation, ...month, electricityCost };
  });
  return { device: lent.device.name, speed, months, assumptions: assumptionsOf(lent, price, from) };
}

function assumptionsOf({ sharePercent, timePart, perKwh, watts }: LentDevice, price: number, from: string): string[] {
  return [
    "a calculation from the assumptions below, no promise: nobody knows what is asked for, or what an AIS is worth",
    `the device does what its data sheet says, class cuda for cards (aegis benchmark measures yours); ${sharePercent}% of it is lent, ${(24 * timePart).toFixed(1)} hours a day`,
    `work is paid ${price} nAIS per SCU-second, ${from}; the pool keeps a tenth`,
    "of the time it is lent it runs tasks for 48% (low), 68% (likely) or 88% (high), none of them complex",
    "it is available all of that time: connected, its floor price no higher than the reference price, taking what it is offered",
    "the pool is in its first four years and has less than 140,000 SCU, so that availability is paid in full",
    ...(perKwh === undefined
      ? []
      : [
          `electricity is ${watts} W of the device at full load for the part that is lent while it runs tasks, at ${perKwh} a kWh; the machine around it and idling are not in it`,
        ]),
  ];
}

/** For people. */
export function estimateText({ device, speed, months, assumptions }: Estimate): string {
  const titles = ["utilisation", "available", "work", "AIS a month", "kWh", "electricity"];
  const rows = months.map(({ name, utilisation, availability, work, kWh, electricityCost }) => [
    name,
    `${Math.round(100 * utilisation)}%`,
    ...[availability, work, availability + work].map(toTenths),
    kWh?.toFixed(0) ?? "",
    electricityCost?.toFixed(2) ?? "",
  ]);
  return [
    `${device}, ${formatScu(speed)} when all of it is lent`,
    "",
    table([{ title: "month" }, ...titles.map((title) => ({ title, align: "right" as const }))], rows),
    "",
    "Assumed:",
    ...assumptions.map((line) => `  - ${line}`),
  ].join("\n");
}

/** "52.3 AIS"; what is less than a tenth, in smaller units. */
function toTenths(nanoAis: bigint): string {
  const tenth = 100_000_000n;
  return nanoAis < tenth ? formatAis(nanoAis) : formatAis(((nanoAis + tenth / 2n) / tenth) * tenth);
}
