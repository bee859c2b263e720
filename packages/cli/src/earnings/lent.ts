import {
  AegisError,
  boardPowers,
  deviceNamed,
  type KnownDevice,
  knownDevices,
  minutesWithin,
  namesLike,
  parseHours,
  parseShare,
} from "@aegis-pool/core";

/** What `aegis earnings estimate` is asked about. */
export interface LentFlags {
  readonly device: string;
  readonly share: string;
  readonly hours: string;
  readonly electricity?: string;
}

/** What would be lent, as it was understood. */
export interface LentDevice {
  readonly device: KnownDevice;
  readonly sharePercent: number;
  /** The part of each day in which it is lent, 0 to 1. */
  readonly timePart: number;
  /** Price of a kWh; undefined: electricity is not asked for. */
  readonly perKwh: number | undefined;
  /** W at full load, where the device has a figure. */
  readonly watts: number | undefined;
}

const dayMinutes = 1_440;

/** @throws {AegisError} `bad-argument`, naming what is wrong and what is allowed */
export function readLent({ device: name, share, hours, electricity }: LentFlags): LentDevice {
  const device = deviceNamed(name) ?? refuseDevice(name);
  const watts = boardPowers.get(device.name)?.watts;
  const perKwh = electricity === undefined ? undefined : readRate(electricity);
  if (perKwh !== undefined && watts === undefined) {
    throw bad(`--electricity ${electricity}: no figure is published of what ${device.name} draws.`, "Leave it out.");
  }
  return { device, sharePercent: readShare(device, share), timePart: readHours(hours), perKwh, watts };
}

function refuseDevice(name: string): never {
  const near = namesLike(
    name,
    knownDevices.map((device) => device.name),
  );
  throw bad(
    `--device "${name}" is not in the table of devices. Near it: ${near.join(", ")}.`,
    "Give one of these or another of docs/devices.md; `aegis benchmark` measures this machine.",
  );
}

/** Percent of the device: of "50%", or of the part that a share as `aegis agent` takes it names for this kind of device. */
function readShare({ ratingClass, name }: KnownDevice, text: string): number {
  const isProcessor = ratingClass === "cpu";
  const share = parseShare(/^\d+%$/.test(text) ? `${isProcessor ? "cpu=" : "gpu=0:"}${text}` : text);
  const percent = typeof share === "string" ? undefined : isProcessor ? share.cpuPercent : share.gpu?.percent;
  if (percent !== undefined && percent > 0) return percent;
  const why = typeof share === "string" ? share : `it lends nothing of ${name}`;
  throw bad(
    `--share "${text}": ${why}.`,
    `Give a whole percentage from 1% to 100%, or a share such as ${isProcessor ? "cpu=50%" : "gpu=0:50%"}.`,
  );
}

function readHours(text: string): number {
  const ranges = parseHours(text);
  if (typeof ranges !== "string") return minutesWithin(ranges) / dayMinutes;
  throw bad(`--hours ${ranges}.`, "All day is 0-24.");
}

function readRate(text: string): number {
  if (/^\d{1,6}(\.\d{1,6})?$/.test(text)) return Number(text);
  throw bad(`--electricity "${text}" is no price of a kWh.`, "Give a number from 0 on, such as 0.30, in any currency.");
}

function bad(message: string, next: string): AegisError {
  return new AegisError({ code: "bad-argument", message, next });
}
