import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import {
  AegisError,
  defaultPrices,
  isErrorCode,
  type Offer,
  type ReceiptStatement,
  receiptStatement,
  openStatement,
  toHex,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { CoreBench } from "./benchmark/core-bench.js";
import { quickSpeeds } from "./benchmark/quick-speeds.js";
import { PoolConnection } from "./connection/pool-connection.js";
import { PoolHttp } from "./connection/pool-http.js";
import type { Engines, MissingEngine } from "./engines/index.js";
import { engineVersions } from "./engines/versions.js";
import { openAgentKeys, openCertificate, pinPool } from "./identity/agent-state.js";
import { openLentEngines } from "./lent-engines.js";
import { SpeedProver } from "./rating/speed-prover.js";
import type { LentShare } from "./share/lent-share.js";
import { AgentWork, type WorkEvent } from "./work/agent-work.js";

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
  /** Lowest price in nAIS per SCU-second. */
  readonly floorPrice?: bigint | undefined;
  readonly bubblewrap?: "auto" | "off" | undefined;
  onEvent(event: AgentEvent): void;
}

/** What an agent tells its owner. */
export type AgentEvent =
  | Exclude<WorkEvent, { kind: "settled" }>
  | { readonly kind: "settled"; readonly number: number; readonly receipt: ReceiptStatement }
  | { readonly kind: "connected"; readonly pool: string }
  /** What the pool counts a slot for, in µSCU, and why. */
  | { readonly kind: "rated"; readonly slotSpeed: number; readonly reason: string }
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
 * @throws {AegisError} `bad-argument`, `pool-unreachable`, `pool-key-changed`, `engine-missing`
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const http = new PoolHttp(options.pool);
  const { pool: url, poolKey: given, directory } = options;
  const pool = await pinPool(directory, { url, given, shown: await http.key() });
  const keys = await openAgentKeys(directory, options.operatorKey ?? join(directory, "operator.key"));
  const certificate = await openCertificate(directory, keys, pool);
  await http.enrol(certificate);
  const { lent, engines } = await openLentEngines(options.share, options.bubblewrap);
  const offer = await offerOf(options, lent, engines);
  return run(options, { http, pool, keys, certificate, engines, offer, lent });
}

type Prepared = Pick<RunningAgent, "offer" | "lent"> & {
  readonly http: PoolHttp;
  readonly pool: Uint8Array;
  readonly keys: Awaited<ReturnType<typeof openAgentKeys>>;
  readonly certificate: Awaited<ReturnType<typeof openCertificate>>;
  readonly engines: Engines;
};

function run(options: AgentOptions, prepared: Prepared): RunningAgent {
  const { http, pool, keys, certificate, engines, offer, lent } = prepared;
  const events = new EventEmitter<{ ended: [AegisError | undefined] }>();
  const ended = once(events, "ended").then(([reason]) => reason as AegisError | undefined);
  const work = new AgentWork({
    keys,
    pool,
    http,
    engines,
    slots: lent.slots,
    engineVersions,
    send: (message) => connection.send(message),
    onEvent: (event) => tell(options, event, pool),
  });
  const prover = new SpeedProver({
    engines,
    lent,
    flopsPerSecond: offer.speeds.fp32FlopsPerSecond,
    send: (message) => connection.send(message),
    onRated: ({ slotSpeed, reason }) => options.onEvent({ kind: "rated", slotSpeed, reason }),
  });
  const connection = new PoolConnection({
    url: options.pool,
    pool,
    keys,
    certificate,
    offer,
    held: () => work.held(),
    onSession(session, lost) {
      options.onEvent({ kind: "connected", pool: options.pool });
      work.connected(session, lost);
    },
    onMessage: (message) => {
      if (!prover.receive(message)) work.receive(message);
    },
    onLost: (reason) => options.onEvent({ kind: "lost", reason }),
    onRefused: (code, message) => void stop(refusedByPool(code, message)),
  });
  const stop = async (reason?: AegisError) => {
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

async function offerOf({ share, floorPrice }: AgentOptions, lent: LentShare, engines: Engines): Promise<Offer> {
  return {
    engines: engines.offered.map(({ engine }) => engine),
    slots: lent.slots,
    memoryBytes: lent.memoryBytesPerSlot,
    speeds: await claimedSpeeds(engines, lent),
    floorPrice: String(floorPrice ?? defaultPrices.floor),
    share,
  };
}

async function claimedSpeeds(engines: Engines, { slots, memoryBytesPerSlot }: LentShare): Promise<Offer["speeds"]> {
  const bench = await CoreBench.open(engines, slots, memoryBytesPerSlot);
  try {
    const { fp32FlopsPerSecond, memoryBytesPerSecond } = await quickSpeeds(bench);
    return {
      fp32FlopsPerSecond: Math.round(fp32FlopsPerSecond),
      memoryBytesPerSecond: Math.round(memoryBytesPerSecond),
    };
  } finally {
    await bench.close();
  }
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
