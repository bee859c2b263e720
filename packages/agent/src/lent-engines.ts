import { AegisError, parseShare } from "@aegis-pool/core";
import { createEngines, type Engines } from "./engines/index.js";
import { dutyCycleSupport } from "./share/index.js";
import { type LentShare, lentShare } from "./share/lent-share.js";

/** What is lent, and the engines that are held to it. */
export interface LentEngines {
  readonly lent: LentShare;
  readonly engines: Engines;
}

/**
 * The engines of this machine, held to a share such as "cpu=50%,memory=4GiB".
 * @throws {AegisError} `bad-argument`, `engine-missing`
 */
export async function openLentEngines(share: string, bubblewrap: "auto" | "off" = "auto"): Promise<LentEngines> {
  const lent = lentShare(shareOf(share));
  const { slots, cpuPercentPerSlot } = lent;
  const held = cpuPercentPerSlot < 100 && dutyCycleSupport().available;
  const hold = held ? { cpuPercentPerProcess: cpuPercentPerSlot } : {};
  const engines = await createEngines({ bubblewrap, prewarm: slots, ...hold });
  if (engines.offered.length > 0) return { lent, engines };
  const [first] = engines.missing;
  throw new AegisError({
    code: "engine-missing",
    message: `This machine can run no engine: ${first?.why ?? "unknown"}.`,
    next: first?.howToGet ?? "Run `aegis doctor`.",
  });
}

function shareOf(text: string) {
  const share = parseShare(text);
  if (typeof share !== "string") return share;
  throw new AegisError({
    code: "bad-argument",
    message: `--share ${share}.`,
    next: 'Give what you lend, such as "cpu=50%,memory=4GiB".',
  });
}
