import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import {
  AegisError,
  isErrorCode,
  type Offer,
  receiptStatement,
  openStatement,
  toHex,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type Attestor, TsmError } from "./attestation/index.js";
import { CommitteeDuty, isForMember, SignLog, SumFiles } from "./committee/index.js";
import { PoolConnection } from "./connection/pool-connection.js";
import type { PoolHttp } from "./connection/pool-http.js";
import type { LentDevice } from "./devices/device.js";
import { engineVersions } from "./engines/versions.js";
import type { openAgentKeys, openCertificate } from "./identity/agent-state.js";
import { type Control, lendingTerms, supervise } from "./owner/index.js";
import { SpeedProver } from "./rating/speed-prover.js";
import type { AgentOptions, RunningAgent } from "./start-agent.js";
import { AgentWork } from "./work/agent-work.js";
import type { WorkEvent } from "./work/work-parts.js";

/** What an agent runs with. */
export interface Prepared {
  readonly offer: Offer;
  readonly http: PoolHttp;
  readonly pool: Uint8Array;
  readonly keys: Awaited<ReturnType<typeof openAgentKeys>>;
  readonly certificate: Awaited<ReturnType<typeof openCertificate>>;
  readonly device: LentDevice;
  readonly attestor: Attestor | undefined;
}

/** What runs may take this long to finish when the agent leaves, in ms. */
const leavePatienceMs = 5_000;

/** Runs an agent that has been prepared, until it leaves or the pool does not want it. */
export function runAgent(options: AgentOptions, prepared: Prepared, control: Control): RunningAgent {
  const { pool, keys, certificate, device, offer, attestor } = prepared;
  const { engines, lent } = device;
  const send = (message: ToPool) => connection.send(message);
  const events = new EventEmitter<{ ended: [AegisError | undefined] }>();
  const ended = once(events, "ended").then(([reason]) => reason as AegisError | undefined);
  const seen = { tasksDone: 0, connected: false };
  const work = workOf(options, prepared, send, () => seen.tasksDone++);
  const prover = proverOf(options, prepared, send);
  const duty = dutyOf(options, prepared, send, () => seen.tasksDone++);
  const connection = new PoolConnection({
    url: options.pool,
    pool,
    keys,
    certificate,
    offer,
    attest: (hpke) => attest(options, prepared, hpke),
    held: () => work.held(),
    onSession(session, lost) {
      seen.connected = true;
      options.onEvent({ kind: "connected", pool: options.pool });
      work.connected(session, lost);
    },
    onMessage(message) {
      if (message.type === "payout-pending") options.onEvent(payoutPending(message));
      else if (isForMember(message)) duty?.receive(message);
      else if (!prover.receive(message)) work.receive(message);
    },
    onLost(reason) {
      seen.connected = false;
      options.onEvent({ kind: "lost", reason });
    },
    onRefused: (code, message) => void stop(refusedByPool(code, message)),
  });
  const owner = ownerOf(options, prepared, { work, duty, control, seen });
  const stop = async (reason?: AegisError) => {
    await owner.close();
    await duty?.leave();
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
    attests: attestor !== undefined,
    missing: engines.missing,
    ended,
    leave: () => stop(),
  };
}

/** Without evidence the agent works all the same, for those who ask for none. */
async function attest(options: AgentOptions, { attestor, keys, pool }: Prepared, hpke: Uint8Array) {
  try {
    return await attestor?.evidence({ agent: keys.agent.publicKey, hpke, pool });
  } catch (error) {
    if (!(error instanceof TsmError)) throw error;
    options.onEvent({ kind: "not-attesting", why: error.message });
    return undefined;
  }
}

function workOf(
  options: AgentOptions,
  { http, pool, keys, device, offer }: Prepared,
  send: (message: ToPool) => void,
  onRan: () => void,
): AgentWork {
  return new AgentWork({
    keys,
    pool,
    http,
    engines: device.engines,
    offer,
    engineVersions,
    send,
    onEvent(event) {
      if (event.kind === "ran") onRan();
      tell(options, event, pool);
    },
  });
}

/** The agent as a committee member, where its owner lends it as one. */
function dutyOf(
  options: AgentOptions,
  { keys, pool, offer }: Prepared,
  send: (message: ToPool) => void,
  onRan: () => void,
): CommitteeDuty | undefined {
  if (!offer.engines.includes("aggregate")) return undefined;
  return new CommitteeDuty({
    agent: keys.agent,
    pool,
    files: new SumFiles(options.pool),
    log: new SignLog(join(options.directory, "committee.log")),
    memoryBytes: offer.memoryBytes,
    send,
    onEvent(event) {
      if (event.kind === "ran") onRan();
      options.onEvent(event);
    },
  });
}

function proverOf(options: AgentOptions, { device, offer }: Prepared, send: (message: ToPool) => void) {
  return new SpeedProver({
    device,
    speeds: offer.speeds,
    send,
    onRated: ({ slotSpeed, reason }) => options.onEvent({ kind: "rated", slotSpeed, reason }),
  });
}

/** What an owner is in charge of, and told of. */
interface Supervisees {
  readonly work: AgentWork;
  readonly duty: CommitteeDuty | undefined;
  readonly control: Control;
  readonly seen: { readonly tasksDone: number; readonly connected: boolean };
}

/** Puts the owner in charge of what runs. */
function ownerOf(
  options: AgentOptions,
  { keys, device: { engines, lent } }: Prepared,
  { work, duty, control, seen }: Supervisees,
) {
  const { slots, cpuPercentPerSlot, memoryBytesPerSlot } = lent;
  return supervise({
    terms: lendingTerms(options),
    control,
    work: {
      pause() {
        work.pause();
        duty?.pause();
      },
      resume() {
        work.resume();
        duty?.resume();
      },
    },
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

/** Only receipts that the pool really signed are shown to the owner. */
function tell(options: AgentOptions, event: WorkEvent, pool: Uint8Array): void {
  if (event.kind !== "settled") return options.onEvent(event);
  const receipt = openStatement(receiptStatement, event.receipt, pool, primitives);
  if (receipt) options.onEvent({ ...event, receipt });
}

function payoutPending({ address, effectiveAt }: Extract<ToAgent, { type: "payout-pending" }>) {
  return { kind: "payout-pending", address: toHex(address), effectiveAt } as const;
}

function refusedByPool(code: string, message: string): AegisError {
  return new AegisError({
    code: isErrorCode(code) ? code : "bad-message",
    message: `The pool refuses this agent: ${message}`,
    next:
      code === "attestation-refused"
        ? "See `aegis doctor` here, or start the agent with --no-attestation to lend the machine without proof of what it is."
        : "Start it with another --state folder for new keys, or ask the pool's operator.",
  });
}
