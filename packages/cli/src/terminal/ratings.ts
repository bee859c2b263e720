import type { Component, ComponentName, Rating } from "@aegis-pool/agent";
import { formatScu, knownDevices, type RatingClass, ratingOfDevice } from "@aegis-pool/core";
import { bars } from "./bars.js";
import { bold } from "./output.js";
import { table } from "./table.js";

/** What this machine is worth in one class of engine. */
export interface ClassRating extends Rating {
  readonly class: RatingClass;
  /** What was measured: "2 cores", or a graphics card's name. */
  readonly device: string;
}

/** A class that this machine has nothing for, or nothing that works. */
export interface AbsentClass {
  readonly class: RatingClass;
  readonly why: string;
  readonly howToGet: string;
}

/** A table for each class, one line for each that is absent, and a chart beside known devices. */
export function ratingsText(ratings: readonly ClassRating[], absent: readonly AbsentClass[]): string {
  const busy = ratings.some((rating) => rating.busy);
  return [
    ...ratings.flatMap((rating) => [classTable(rating), worth(rating), ""]),
    ...absent.flatMap(({ class: name, why, howToGet }) => [`No ${name} class: ${why}. To get it: ${howToGet}.`, ""]),
    ...(busy
      ? ["The figures still vary, or are too few: something else uses this machine. Try again when it is quiet.", ""]
      : []),
    "Beside known devices (by data sheet, their best class):",
    bars([...ratings.map(ownBar), ...neighbours()], (scu) => formatScu(scu * 1e6)),
  ].join("\n");
}

function classTable(rating: ClassRating): string {
  const right = "right" as const;
  const columns = [
    { title: "class" },
    { title: "component" },
    { title: "sustained", align: right },
    { title: "burst", align: right },
    { title: "spread", align: right },
    { title: "" },
  ];
  const rows = rating.components.map((component, index) => [
    index === 0 ? rating.class : "",
    names[component.name],
    amount(component, component.sustained),
    amount(component, component.burst),
    `${(component.spread * 100).toFixed(1)}%`,
    isProduct(component) ? "GFLOP/s" : "GB/s",
  ]);
  return table(columns, rows);
}

function worth(rating: ClassRating): string {
  return `${bold(formatScu(rating.scu))} of the ${rating.class} class (${rating.device}), by the sustained figures.`;
}

const names: Readonly<Record<ComponentName, string>> = {
  fp32: "FP32 matrix product",
  fp16: "FP16 matrix product",
  read: "memory read",
  write: "memory write",
  triad: "memory triad",
};

function isProduct({ name }: Component): boolean {
  return name === "fp32" || name === "fp16";
}

function amount(component: Component, value: number): string {
  return (value / 1e9).toFixed(isProduct(component) ? 1 : 2);
}

function ownBar(rating: ClassRating): { label: string; value: number } {
  return { label: `this machine, ${rating.class}`, value: rating.scu / 1e6 };
}

/** A few that many people know, from small to large. */
const familiar = ["Ryzen 9 7950X", "M3 Max", "RTX 3060", "L4", "RTX 4090", "A100 80GB SXM"];

function neighbours(): { label: string; value: number }[] {
  return familiar.flatMap((name) => {
    const device = knownDevices.find((known) => known.name.endsWith(name));
    return device ? [{ label: device.name, value: ratingOfDevice(device) / 1e6 }] : [];
  });
}
