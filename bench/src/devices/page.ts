import {
  type DeviceKind,
  type DeviceMeasurements,
  deviceNamed,
  type FigureSource,
  figuresOf,
  type KnownDevice,
  measurementOf,
  ratingOfDevice,
} from "@aegis-pool/core";
import { closing, opening } from "./prose.js";

const headings: Readonly<Record<DeviceKind, string>> = {
  laptop: "Laptops",
  desktop: "Desktops",
  workstation: "Workstations",
  "data centre": "Data centres",
  processor: "Processors",
};

/** docs/devices.md: what devices are worth in SCU, and where each figure comes from. */
export function pageOf(devices: readonly KnownDevice[], measurements?: DeviceMeasurements): string {
  const sources = [...new Set(devices.map(({ source }) => source))];
  const tables = Object.entries(headings).flatMap(([kind, heading]) => {
    const rows = devices
      .filter((device) => device.kind === kind)
      .toSorted((one, other) => ratingOfDevice(other, measurements) - ratingOfDevice(one, measurements));
    return rows.length === 0 ? [] : [`## ${heading}`, "", ...tableOf(rows, sources, measurements), ""];
  });
  return [
    ...opening(devices.length, referenceRatings()),
    ...tables,
    ...closing,
    "",
    "## Sources",
    "",
    ...sources.map((source, index) => `${index + 1}. ${sourceLine(source)}`),
    "",
  ].join("\n");
}

/** What the unit was defined with, by data sheet. */
function referenceRatings(): ReadonlyMap<string, number> {
  const names = ["RTX 4090", "A100 80GB SXM", "L4", "M3 Max"];
  return new Map(
    names.map((name) => {
      const device = deviceNamed(name);
      if (!device) throw new Error(`the table has no ${name}, which docs/devices.md speaks of`);
      return [name, ratingOfDevice(device, new Map()) / 1e6];
    }),
  );
}

function tableOf(
  rows: readonly KnownDevice[],
  sources: readonly FigureSource[],
  measurements: DeviceMeasurements | undefined,
): string[] {
  return [
    "| device | SCU | class | FP32 TFLOP/s | FP16 TFLOP/s | memory GB/s | memory GiB | figures | source |",
    "| --- | ---: | --- | ---: | ---: | ---: | ---: | --- | ---: |",
    ...rows.map((device) => {
      const { fp32Tflops, fp16Tflops, memoryGBps } = figuresOf(device, measurements);
      const cells = [
        device.name,
        `**${(ratingOfDevice(device, measurements) / 1e6).toPrecision(3)}**`,
        `\`${device.ratingClass}\``,
        number(fp32Tflops),
        number(fp16Tflops),
        number(memoryGBps),
        number(device.memoryGiB),
        basisOf(device, measurements),
        `${sources.indexOf(device.source) + 1}`,
      ];
      return `| ${cells.join(" | ")} |`;
    }),
  ];
}

function basisOf(device: KnownDevice, measurements: DeviceMeasurements | undefined): string {
  const measurement = measurementOf(device, measurements);
  if (!measurement) return "data sheet";
  return `measured here, [${measurement.date}](${measurement.page.replace(/^docs\//, "")})`;
}

/** Three digits, four from 100, all of a whole number from 1,000: 0.154, 82.6, 165.2, 1,307. */
function number(value: number | undefined): string {
  if (value === undefined) return "-";
  if (value < 1_000) return `${Number(value.toPrecision(value < 100 ? 3 : 4))}`;
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

function sourceLine({ title, year, url, derivation }: FigureSource): string {
  const named = url === undefined ? `${title}, ${year}` : `[${title}](${url}), ${year}`;
  return derivation === undefined ? `${named}.` : `${named}. ${derivation[0]?.toUpperCase()}${derivation.slice(1)}.`;
}
