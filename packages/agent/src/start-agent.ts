import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import {
  AegisError,
  defaultPrices,
  isErrorCode,
  type Offer,
  type PauseReason,
  type ReceiptStatement,
  receiptStatement,
  openStatement,
  toHex,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { PoolConnection } from "./connection/pool-connection.js";
import { PoolHttp } from "./connection/pool-http.js";
import { openCores } from "./devices/cores.js";
import type { LentDevice } from "./devices/device.js";
import type { MissingEngine } from "./engines/index.js";
import { engineVersions } from "./engines/versions.js";
import { openAgentKeys, openCertificate, pinPool } from "./identity/agent-state.js";
import { lentShareOf } from "./lent-engines.js";
import { type Control, lendingTerms, openControl, supervise } from "./owner/index.js";
import { SpeedProver } from "./rating/speed-prover.js";
import type { LentShare } from "./share/lent-share.js";
import { AgentWork } from "./work/agent-work.js";
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
  /** The hours of the day, local time, in which it is lent, such as "22-8"; all by default. */
  readonly hours?: string | undefined;
  /** Lent only after its owner has not used it for this long, in ms; by default also while they do. Linux only. */
  readonly quietMs?: number | undefined;
  /** Lowest price in nAIS per SCU-second. */
  readonly floorPrice?: bigint | undefined;
  readonly bubblewrap?: "auto" | "off" | undefined;
  /** `auto` (default) has the kernel's groups hold the share where they are granted. */
  readonly cgroups?: "auto" | "off" | undefined;
  onEvent(event: AgentEvent): void;
}

/** What an agent tells its owner. */
export type AgentEvent =
  | Exclude<WorkEvent, { kind: "settled" }>
  | { readonly kind: "settled"; readonly number: number; readonly receipt: ReceiptStatement }
  | { readonly kind: "connected"; readonly pool: string }
  /** What the pool counts a slot for, in µSCU, and why. */
  | { readonly kind: "rated"; readonly slotSpeed: number; readonly reason: string }
  /** The machine is not lent now, and what ends that; or it is again. */
  | { readonly kind: "paused"; readonly reason: PauseReason; readonly words: string }
  | { readonly kind: "resumed" }
  | { readonly kind: "lost"; readonly reason: string };

/** A running agent. */
export interface RunningAgent {
  /** Its Ed25519 key and its operator's, in hexadecimal. */
  readonly key: string;
  readonly operator: string;
  readonly offer: Offer;
  readonly lent: LentShare;
  readonly missing: readonly MissingEngine[];
  /** Resolves when the agent has stopped, with the reason where the pool does not want it. */
  readonly ended: Promise<AegisError | undefined>;
  /** Hands its tasks back and leaves. */
  leave(): Promise<void>;
}

/** What runs may take this long to finish when the agent leaves, in ms. */
const leavePatienceMs = 5_000;

/**
 * Starts an agent: measures the machine, enrols it with the pool and begins to take tasks.
 * @throws {AegisError} `bad-argument`, `pool-unreachable`, `pool-key-changed`, `engine-missing`, `directory-in-use`
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const lent = lentShareOf(options.share);
  lendingTerms(options); // what cannot be meant is said before anything is begun
  const control = await openControl(options.directory);
  try {
    return run(options, await prepare(options, lent), control);
  } catch (error) {
    await control.close();
    throw error;
  }
}

async function prepare(options: AgentOptions, lent: LentShare): Promise<Prepared> {
  const http = new PoolHttp(options.pool);
  const { pool: url, poolKey: given, directory } = options;
  const pool = await pinPool(directory, { url, given, shown: await http.key() });
  const keys = await openAgentKeys(directory, options.operatorKey ?? join(directory, "operator.key"));
  const certificate = await openCertificate(directory, keys, pool);
  await http.enrol(certificate);
  const device = await openCores(lent, options);
  return { http, pool, keys, certificate, device, offer: await offerOf(options, device) };
}

interface Prepared {
  readonly offer: Offer;
  readonly http: PoolHttp;
  readonly pool: Uint8Array;
  readonly keys: Awaited<ReturnType<typeof openAgentKeys>>;
  readonly certificate: Awaited<ReturnType<typeof openCertificate>>;
  readonly device: LentDevice;
}

function run(options: AgentOptions, prepared: Prepared, control: Control): RunningAgent {
  const { http, pool, keys, certificate, device, offer } = prepared;
  const { engines, lent } = device;
  const send = (message: ToPool) => connection.send(message);
  const events = new EventEmitter<{ ended: [AegisError | undefined] }>();
  const ended = once(events, "ended").then(([reason]) => reason as AegisError | undefined);
  const seen = { tasksDone: 0, connected: false };
  const work = new AgentWork({
    keys,
    pool,
    http,
    engines,
    slots: lent.slots,
    engineVersions,
    send,
    onEvent(event) {
      if (event.kind === "ran") seen.tasksDone++;
      tell(options, event, pool);
    },
  });
  const prover = proverOf(options, prepared, send);
  const connection = new PoolConnection({
    url: options.pool,
    pool,
    keys,
    certificate,
    offer,
    held: () => work.held(),
    onSession(session, lost) {
      seen.connected = true;
      options.onEvent({ kind: "connected", pool: options.pool });
      work.connected(session, lost);
    },
    onMessage: (message) => {
      if (!prover.receive(message)) work.receive(message);
    },
    onLost(reason) {
      seen.connected = false;
      options.onEvent({ kind: "lost", reason });
    },
    onRefused: (code, message) => void stop(refusedByPool(code, message)),
  });
  const owner = ownerOf(options, prepared, { work, control, seen });
  const stop = async (reason?: AegisError) => {
    await owner.close();
    await work.leave(reason ? 0 : leavePatienceMs);
    connection.close();
    await engines.close();
    events.emit("ended", reason);
  };
  void connection.connect();
  return {
    key: toHex(keys.agent.publicKey),
    operator: toHex(keys.operator.publicKey),
    offer,
    lent,
    missing: engines.missing,
    ended,
    leave: () => stop(),
  };
}

function proverOf(options: AgentOptions, { device, offer }: Prepared, send: (message: ToPool) => void) {
  return new SpeedProver({
    device,
    speeds: offer.speeds,
    send,
    onRated: ({ slotSpeed, reason }) => options.onEvent({ kind: "rated", slotSpeed, reason }),
  });
}

/** Puts the owner in charge of what runs. */
function ownerOf(
  options: AgentOptions,
  { keys, device: { engines, lent } }: Prepared,
  { work, control, seen }: { work: AgentWork; control: Control; seen: { tasksDone: number; connected: boolean } },
) {
  const { slots, cpuPercentPerSlot, memoryBytesPerSlot } = lent;
  return supervise({
    terms: lendingTerms(options),
    control,
    work,
    use: () => engines.use(),
    describe: () => ({
      ...{ agent: toHex(keys.agent.publicKey), pool: options.pool, share: options.share, ...seen },
      running: work.running(),
      heldBy: engines.heldBy,
      lent: { slots, cpuPercent: slots * cpuPercentPerSlot, memoryBytes: slots * memoryBytesPerSlot },
    }),
    onChange: (reason, words) => options.onEvent(reason ? { kind: "paused", reason, words } : { kind: "resumed" }),
  });
}

async function offerOf({ share, floorPrice }: AgentOptions, device: LentDevice): Promise<Offer> {
  const { engines, lent } = device;
  return {
    class: device.class,
    engines: engines.offered.map(({ engine }) => engine),
    slots: lent.slots,
    memoryBytes: lent.memoryBytesPerSlot,
    speeds: await device.speeds(),
    floorPrice: String(floorPrice ?? defaultPrices.floor),
    share,
  };
}

/** Only receipts that the pool really signed are shown to the owner. */
function tell(options: AgentOptions, event: WorkEvent, pool: Uint8Array): void {
  if (event.kind !== "settled") return options.onEvent(event);
  const receipt = openStatement(receiptStatement, event.receipt, pool, primitives);
  if (receipt) options.onEvent({ ...event, receipt });
}

function refusedByPool(code: string, message: string): AegisError {
  return new AegisError({
    code: isErrorCode(code) ? code : "bad-message",
    message: `The pool refuses this agent: ${message}`,
    next: "Start it with another --state folder for new keys, or ask the pool's operator.",
  });
}
