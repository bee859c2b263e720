import { join } from "node:path";
import {
  AegisError,
  defaultPrices,
  engineClasses,
  type Offer,
  type PauseReason,
  type ReceiptStatement,
} from "@aegis-pool/core";
import { type AttestorOptions, openAttestor } from "./attestation/index.js";
import type { DutyEvent } from "./committee/index.js";
import { PoolHttp } from "./connection/pool-http.js";
import { openCores } from "./devices/cores.js";
import type { LentDevice } from "./devices/device.js";
import { openGraphicsCard } from "./devices/graphics-card.js";
import type { MissingEngine } from "./engines/index.js";
import { openAgentKeys, openCertificate, pinPool } from "./identity/agent-state.js";
import { lentShareOf, readShare } from "./lent-engines.js";
import { lendingTerms, openControl } from "./owner/index.js";
import { type Prepared, runAgent } from "./run-agent.js";
import type { LentShare } from "./share/lent-share.js";
import type { WorkEvent } from "./work/work-parts.js";

/** How an agent is started. */
export interface AgentOptions {
  /** The pool's URL. */
  readonly pool: string;
  /** The key the pool must have, in hexadecimal; by default the one it had at the first connection. */
  readonly poolKey?: string | undefined;
  /** Where the agent keeps its keys. */
  readonly directory: string;
  /** The operator's key file; by default in `directory`. */
  readonly operatorKey?: string | undefined;
  /** What is lent, such as "cpu=50%,memory=4GiB". */
  readonly share: string;
  /**
   * Which device of the share this agent lends; the cores by default. Or one that is open already, which agents of one process can share.
   * Nothing rests on what stands here: the pool believes no agent, and whoever runs one can change all of it.
   */
  readonly device?: "cores" | "graphics-card" | LentDevice | undefined;
  /** The hours of the day, local time, in which it is lent, such as "22-8"; all by default. */
  readonly hours?: string | undefined;
  /** Lent only after its owner has not used it for this long, in ms; by default also while they do. Linux only. */
  readonly quietMs?: number | undefined;
  /** Lowest price in nAIS per SCU-second. */
  readonly floorPrice?: bigint | undefined;
  /**
   * Whether the cores may also be drawn as a member of a committee that removes the masks of secure sums; true by default. That runs this program's
   * own code and nobody else's, in its own process: in memory up to that of one slot, and not held to the share of time.
   */
  readonly committee?: boolean | undefined;
  readonly bubblewrap?: "auto" | "off" | undefined;
  /** `auto` (default) has the kernel's groups hold the share where they are granted. */
  readonly cgroups?: "auto" | "off" | undefined;
  /** Where the machine shows what it is, if it is a confidential VM; by default as the kernel has it. `off`: it does not. */
  readonly attestation?: AttestorOptions | "off" | undefined;
  /** For tests: a graphics adapter that computes on the processor is lent like a card. */
  readonly softwareGpu?: boolean;
  onEvent(event: AgentEvent): void;
}

/** What an agent tells its owner. */
export type AgentEvent =
  | Exclude<WorkEvent, { kind: "settled" }>
  | DutyEvent
  | { readonly kind: "settled"; readonly number: number; readonly receipt: ReceiptStatement }
  | { readonly kind: "connected"; readonly pool: string }
  /** What the pool counts a slot for, in µSCU, and why. */
  | { readonly kind: "rated"; readonly slotSpeed: number; readonly reason: string }
  /** Somebody with the operator's key has asked for another payout address (40 hexadecimal digits, zeros for none), in effect from then, ms since 1970. */
  | { readonly kind: "payout-pending"; readonly address: string; readonly effectiveAt: number }
  /** The machine is not lent now, and what ends that; or it is again. */
  | { readonly kind: "paused"; readonly reason: PauseReason; readonly words: string }
  | { readonly kind: "resumed" }
  /** This machine can show what it is, but did not for this connection. */
  | { readonly kind: "not-attesting"; readonly why: string }
  | { readonly kind: "lost"; readonly reason: string };

/** A running agent. */
export interface RunningAgent {
  /** Its Ed25519 key and its operator's, in hexadecimal. */
  readonly key: string;
  readonly operator: string;
  readonly offer: Offer;
  readonly lent: LentShare;
  /** Whether it shows the pool and requesters what machine it runs on. */
  readonly attests: boolean;
  readonly missing: readonly MissingEngine[];
  /** Resolves when the agent has stopped, with the reason where the pool does not want it. */
  readonly ended: Promise<AegisError | undefined>;
  /** Hands its tasks back and leaves. */
  leave(): Promise<void>;
}

/**
 * Starts an agent: measures the machine, enrols it with the pool and begins to take tasks.
 * @throws {AegisError} `bad-argument`, `pool-unreachable`, `pool-key-changed`, `engine-missing`, `directory-in-use`
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  readShare(options.share);
  lendingTerms(options); // what cannot be meant is said before anything is begun
  const control = await openControl(options.directory);
  try {
    return runAgent(options, await prepare(options), control);
  } catch (error) {
    await control.close();
    throw error;
  }
}

async function prepare(options: AgentOptions): Promise<Prepared> {
  const http = new PoolHttp(options.pool);
  const { pool: url, poolKey: given, directory } = options;
  const pool = await pinPool(directory, { url, given, shown: await http.key() });
  const keys = await openAgentKeys(directory, options.operatorKey ?? join(directory, "operator.key"));
  const certificate = await openCertificate(directory, keys, pool);
  await http.enrol(certificate);
  const attestor = options.attestation === "off" ? undefined : await openAttestor(options.attestation);
  const device = await openDevice(options);
  return { http, pool, keys, certificate, device, attestor, offer: await offerOf(options, device) };
}

function openDevice(options: AgentOptions): Promise<LentDevice> {
  const { device = "cores" } = options;
  if (typeof device === "object") return Promise.resolve(device);
  if (device === "cores") return openCores(lentShareOf(options.share), options);
  return openGraphicsCard(readShare(options.share), { ...options, folder: options.directory });
}

async function offerOf({ share, floorPrice, committee = true }: AgentOptions, device: LentDevice): Promise<Offer> {
  const { engines, lent, card } = device;
  const programs = engines.offered.map(({ engine }) => engine);
  return {
    class: device.class,
    engines: [
      ...programs.filter((engine) => engineClasses[engine] === device.class),
      ...(committee && device.class === "cpu" ? (["aggregate"] as const) : []),
    ],
    slots: lent.slots,
    memoryBytes: lent.memoryBytesPerSlot,
    ...(card && { card }),
    speeds: await device.speeds(),
    floorPrice: String(floorPrice ?? defaultPrices.floor),
    share,
  };
}
