import { amd } from "./devices/amd.js";
import { apple, intel } from "./devices/intel-apple.js";
import { deviceMeasurements } from "./devices/measured.js";
import { nvidiaDataCenter } from "./devices/nvidia-data-center.js";
import { nvidiaGeforce } from "./devices/nvidia-geforce.js";
import { centralProcessors } from "./devices/processors.js";
import type { DeviceFigures, DeviceMeasurement, KnownDevice } from "./devices/row.js";
import { ratingOf } from "./scu.js";

export type * from "./devices/row.js";

/** The devices whose figures are public: docs/devices.md is written from them. */
export const knownDevices: readonly KnownDevice[] = [
  ...nvidiaGeforce,
  ...nvidiaDataCenter,
  ...amd,
  ...intel,
  ...apple,
  ...centralProcessors,
];

/** Measurements by the names of devices. */
export type DeviceMeasurements = ReadonlyMap<string, DeviceMeasurement>;

/** What a run of ours says of `device`; undefined while only its data sheet is known. */
export function measurementOf(
  device: KnownDevice,
  measurements: DeviceMeasurements = deviceMeasurements,
): DeviceMeasurement | undefined {
  return measurements.get(device.name);
}

/** The figures that count: measured ones where there are any, else the data sheet's. */
export function figuresOf(device: KnownDevice, measurements: DeviceMeasurements = deviceMeasurements): DeviceFigures {
  return measurementOf(device, measurements)?.figures ?? device.figures;
}

/** The rating by the figures that count, in µSCU. */
export function ratingOfDevice(device: KnownDevice, measurements: DeviceMeasurements = deviceMeasurements): number {
  const { fp32Tflops, fp16Tflops, memoryGBps } = figuresOf(device, measurements);
  return ratingOf(device.ratingClass, {
    fp32FlopsPerSecond: fp32Tflops * 1e12,
    fp16FlopsPerSecond: fp16Tflops === undefined ? undefined : fp16Tflops * 1e12,
    memoryBytesPerSecond: memoryGBps * 1e9,
  });
}

/** Words that some write and some leave out. */
const optionalWords = new Set(
  "nvidia geforce amd radeon intel apple tesla instinct generation gpu graphics cpu processor with".split(" "),
);

/** What is left of a device's name when vendors, spaces and trademarks are taken off: "rtx 4090" and "RTX4090" are "4090". */
function keyOf(name: string): string {
  const words = name
    .toLowerCase()
    .replace(/@.*$/, "") // a processor's clock
    .replace(/\((r|tm|c)\)|[™®]|\b\d+-core\b|\b\d+th gen\b/g, " ")
    .split(/[^a-z0-9+]+/)
    .filter((word) => !optionalWords.has(word));
  return words.join("").replace(/^(rtx|gtx|rx|arc)(?=.)/, "");
}

/** Names that drivers report, where they are more than another way of writing ours. */
const reportedNames: Readonly<Record<string, string>> = {
  "NVIDIA A100-SXM4-40GB": "NVIDIA A100 40GB SXM",
  "NVIDIA A100-SXM4-80GB": "NVIDIA A100 80GB SXM",
  "NVIDIA H100 80GB HBM3": "NVIDIA H100 SXM",
  "NVIDIA H200": "NVIDIA H200 SXM",
  "NVIDIA B200": "NVIDIA B200 SXM",
  "Tesla P100-SXM2-16GB": "NVIDIA Tesla P100 SXM2",
  "Tesla V100-SXM2-32GB": "NVIDIA Tesla V100 SXM2",
};

const byKey = new Map<string, KnownDevice>(
  knownDevices.flatMap((device) => {
    const others = Object.keys(reportedNames).filter((name) => reportedNames[name] === device.name);
    const sized = device.memoryGiB === undefined ? [] : [`${device.name} ${device.memoryGiB}GB`];
    return [device.name, ...sized, ...others].map((name) => [keyOf(name), device] as const);
  }),
);

/**
 * The device of the table that `text` names, as people or drivers write it: "rtx 4090", "NVIDIA GeForce RTX 4090",
 * "Intel(R) Core(TM) i7-8700 CPU @ 3.20GHz". Undefined where the table has no such device: a name is never taken for a
 * similar one, since a Ti is another device.
 */
export function deviceNamed(text: string): KnownDevice | undefined {
  return byKey.get(keyOf(text));
}
