import {
  chargedPrice,
  chargeFor,
  equalBytes,
  isHeldFor,
  isReplicated,
  openStatement,
  partOfSpeed,
  type Primitives,
  protocolLimits,
  type RunStatement,
  runStatement,
  sealedLength,
  sealedStream,
  type Signed,
  type TimedRun,
  toCbor,
  toHex,
  type ToPool,
} from "@aegis-pool/core";
import type { BlobStore } from "../../store/blobs/index.js";
import { speedOf } from "./forecast.js";
import type { Leases, MarketParts } from "./leases.js";
import type { AgentSession, LiveJob, LiveLease, LiveTask } from "./live.js";

/** Why a result is not taken. */
export type ResultRefusal =
  | "bad-signature"
  | "stale-lease"
  | "manifest-mismatch"
  | "result-missing"
  | "not-committed"
  | "wrong-log"
  | "result-too-large";

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a && b ? equalBytes(a, b) : a === b;

type ResultMessage = Extract<ToPool, { type: "result" }>;

/** Takes results: checks who says what about which lease, works out the receipt, and ends the task. */
export class Results {
  readonly #market: MarketParts;
  readonly #leases: Leases;
  readonly #blobs: BlobStore;
  readonly #pool: Uint8Array;
  readonly #primitives: Primitives;
  /** A task of this kind was completed. */
  onRun: (session: AgentSession, run: TimedRun) => void = () => undefined;

  constructor(
    market: MarketParts,
    parts: { leases: Leases; blobs: BlobStore; pool: Uint8Array; primitives: Primitives },
  ) {
    this.#market = market;
    this.#leases = parts.leases;
    this.#blobs = parts.blobs;
    this.#pool = parts.pool;
    this.#primitives = parts.primitives;
  }

  /** Ends the task that `message` answers, or says why not; the receipt follows once it is durable. */
  async receive(session: AgentSession, message: ResultMessage): Promise<ResultRefusal | undefined> {
    const run = openStatement(runStatement, message.run, session.key, this.#primitives);
    if (!run || !equalBytes(run.agent, session.key)) return "bad-signature";
    const unfit = (await this.#resultRefusal(run, message)) ?? this.#leaseRefusal(session, run);
    if (unfit) return unfit;
    const task = this.#leases.held(session, run);
    if (!task?.lease) return "stale-lease";
    this.#market.backOffs.succeeded(session.id);
    const completed = run.outcome === "completed";
    if (completed) this.#learn(session, task, task.lease);
    this.#noteLength(task.job, run.ranMs);
    const receipt = this.#receipt(session, task.lease, task, run, message.run);
    return (
      this.#market.transitions.finish(task, completed ? "complete" : "fail", {
        state: completed ? "completed" : "failed",
        reason: undefined,
        agent: session.key,
        run: toCbor(message.run),
        opened: run,
        receipt,
        result: message.inline,
        log: message.log,
      }) && "stale-lease"
    );
  }

  /** By the agent's own word, which moves nothing but what is held in advance; of all agents the middle one's counts. */
  #noteLength({ id }: LiveJob, ranMs: number): void {
    const { shortJobs, board } = this.#market;
    if (shortJobs.observe(id, ranMs)) board.matching.setShort(id, shortJobs.has(id));
  }

  /** By the pool's own clock: what an agent says of its time is not what a requester waits for. */
  #learn(session: AgentSession, { job, group }: LiveTask, { fresh, releasedAt }: LiveLease): void {
    if (fresh === undefined) return; // from before a restart of the pool, which took time itself
    const { engine } = group.requirements;
    const now = this.#market.now();
    const ms = now - (releasedAt ?? now);
    const speed = speedOf(session, group.requirements);
    this.#market.times.observe({ kind: job.id, agent: session.id, engine, speed, fresh, ms });
    this.#market.sandboxes.used(session.id, job.id, now);
    const provenSpeed = partOfSpeed(session.provenSpeed, session.offer, group.requirements);
    this.onRun(session, { kind: job.id, speed: provenSpeed, ms });
  }

  #leaseRefusal(session: AgentSession, run: RunStatement): ResultRefusal | undefined {
    const task = this.#leases.held(session, run);
    if (task?.position.state !== "running") return "stale-lease";
    if (!equalBytes(task.manifestHash, run.manifest)) return "manifest-mismatch";
    if (!isCommitted(task, run)) return "not-committed";
    const most = sealedLength(task.group.requirements.outputBytes + 1);
    return run.resultBytes > most ? "result-too-large" : undefined;
  }

  /** The sealed result must be there, whole, before the agent is paid for it. */
  async #resultRefusal(run: RunStatement, { inline, log }: ResultMessage): Promise<ResultRefusal | undefined> {
    const completed = run.outcome === "completed";
    if (completed && !sameBytes(run.log, log && this.#primitives.sha256(log))) return "wrong-log";
    const carried = completed ? inline : (log ?? new Uint8Array(0)); // a failure's result is its log
    if (carried) {
      const genuine = carried.length === run.resultBytes && equalBytes(this.#primitives.sha256(carried), run.result);
      return genuine ? undefined : "result-missing";
    }
    if (run.resultBytes <= protocolLimits.inlineBytes - sealedStream.headerBytes) return "result-missing";
    const bytes = await this.#blobs.use(toHex(run.result));
    return bytes === run.resultBytes ? undefined : "result-missing";
  }

  #receipt(session: AgentSession, lease: LiveLease, task: LiveTask, run: RunStatement, signedRun: Signed) {
    const now = this.#market.now();
    const leaseMs = now - (lease.releasedAt ?? now);
    const { maxWork, group } = task;
    const price = chargedPrice(lease.price, { requirements: group.requirements, maxWork });
    const { work, charge, reward, fee } = chargeFor({ leaseMs, speed: lease.speed, price, maxWork });
    return {
      number: task.number,
      fence: run.fence,
      pool: this.#pool,
      agent: session.key,
      operator: session.operatorKey,
      run: this.#primitives.sha256(signedRun.body),
      work,
      price: String(price),
      charge: String(charge),
      reward: String(reward),
      fee: String(fee),
      payment: isHeldFor(task.group.requirements, run.outcome) ? ("held" as const) : ("paid" as const),
      issuedAt: now,
    };
  }
}

/** Whether a run binds its agent to its result, where it may be checked, and to nothing where not. */
function isCommitted({ group, keys }: LiveTask, { check }: RunStatement): boolean {
  if (!isReplicated(group.requirements)) return check === undefined;
  return check !== undefined && equalBytes(check.keys, keys);
}
