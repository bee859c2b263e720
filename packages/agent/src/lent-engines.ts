import { AegisError, parseShare, type Share } from "@aegis-pool/core";
import { createEngines, type Engines, type EnginesOptions } from "./engines/index.js";
import { dutyCycleSupport } from "./share/index.js";
import { type LentShare, lentShare } from "./share/lent-share.js";

/** What is lent, and the engines that are held to it. */
export interface LentEngines {
  readonly lent: LentShare;
  readonly engines: Engines;
}

/** How engines are walled in and held; whatever works here by default. */
export type Holding = { readonly [K in "bubblewrap" | "cgroups"]?: EnginesOptions[K] | undefined };

/**
 * The engines of this machine, held to a share such as "cpu=50%,memory=4GiB".
 * @throws {AegisError} `bad-argument`, `engine-missing`
 */
export async function openLentEngines(share: string, holding: Holding = {}): Promise<LentEngines> {
  const lent = lentShareOf(share);
  return { lent, engines: await openEnginesFor(lent, holding) };
}

/** What a share's cores come to on this machine. @throws {AegisError} `bad-argument` */
export function lentShareOf(text: string): LentShare {
  return lentShare(readShare(text));
}

/** The share that an owner has named. @throws {AegisError} `bad-argument` */
export function readShare(text: string): Share {
  const share = parseShare(text);
  if (typeof share !== "string") return share;
  throw new AegisError({
    code: "bad-argument",
    message: `--share ${share}.`,
    next: 'Give what you lend, such as "cpu=50%,memory=4GiB".',
  });
}

/** Engines that are held to what is lent. @throws {AegisError} `engine-missing` */
export async function openEnginesFor(
  { slots, cpuPercentPerSlot, wholeMachine }: LentShare,
  { bubblewrap = "auto", cgroups = "auto" }: Holding,
): Promise<Engines> {
  const hold = !wholeMachine && dutyCycleSupport().available ? { cpuPercentPerProcess: cpuPercentPerSlot } : {};
  const engines = await createEngines({ bubblewrap, cgroups, prewarm: slots, ...hold });
  if (engines.offered.length > 0) return engines;
  const [first] = engines.missing;
  throw new AegisError({
    code: "engine-missing",
    message: `This machine can run no engine: ${first?.why ?? "unknown"}.`,
    next: first?.howToGet ?? "Run `aegis doctor`.",
  });
}
