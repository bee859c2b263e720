import { buffer } from "node:stream/consumers";
import {
  bindTo,
  type DisputeStatement,
  equalBytes,
  fromCbor,
  openBytes,
  type Primitives,
  productVerdict,
  readStatement,
  revealedCommitment,
  runStatement,
  type RunStatement,
  type Signed,
  taskManifest,
  type TaskManifest,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type pg from "pg";
import type { BlobStore } from "../../store/blobs/index.js";
import { disputable, endDispute, insertDispute, operatorsOf } from "../../store/dispute-rows.js";
import type { Checks } from "../checks/checks.js";
import type { Judgements } from "../checks/judgements.js";
import { answerOf, type PoolRun, runOf } from "../checks/open-check.js";
import type { Clock } from "../clock.js";
import type { LiveJob } from "../market/live.js";
import { noSuchTask, refused } from "./refusals.js";

/** A result can be disputed for so long, in ms: what is sealed for it is kept for longer. */
const disputeMs = 3 * 24 * 3_600_000;
/** Sealed results over this are not read by the pool. */
const mostResultBytes = 64 * 1024 ** 2;
/** Nor the inputs and results of products over this: to check them, in a tenth of a second, takes the pool's own thread. */
const mostProductBytes = 4 * 1024 ** 2;

/** What disputes are built on. */
export interface DisputesGround {
  readonly database: pg.Pool;
  readonly blobs: BlobStore;
  readonly checks: Checks;
  readonly judgements: Pick<Judgements, "isAsked" | "shown">;
  readonly clock: Clock;
  readonly primitives: Primitives;
}

/** What the pool sees of a disputed result, now that it has the key. */
interface Evidence {
  readonly manifest: TaskManifest;
  readonly run: RunStatement;
  /** The same as others are held against it. */
  readonly poolRun: PoolRun;
  /** The sealed input and result, where they were sent with the task and with the run. */
  readonly input: Uint8Array | undefined;
  readonly inline: Uint8Array | undefined;
}

/** What became of a dispute at once: its agent is wrong by its own signature, others run the task now, or what a product is worth. */
export type DisputeAnswer = "contradicted" | "open" | "right" | "wrong";

/**
 * Disputes about results. The requester shows one task's content key. Where its agent has sent another result than it has committed to, that
 * is proof enough; else operators that have not run the task yet say what it gives, and the loser pays. A product of matrices the pool checks itself.
 */
export class Disputes {
  readonly #ground: DisputesGround;

  constructor(ground: DisputesGround) {
    this.#ground = ground;
    ground.checks.onDisputeEnded = (number, verdict) => endDispute(ground.database, number, verdict);
  }

  /** @throws {AegisError} `not-found`, `dispute-refused`; then nothing has happened */
  async open(job: LiveJob, statement: DisputeStatement, signed: Signed): Promise<DisputeAnswer> {
    const evidence = await this.#evidence(job, statement);
    const isProduct = evidence.manifest.requirements.verification?.policy === "exact-product";
    return isProduct ? this.#product(job, evidence, statement, signed) : this.#answer(job, evidence, statement, signed);
  }

  async #answer(job: LiveJob, evidence: Evidence, statement: DisputeStatement, signed: Signed): Promise<DisputeAnswer> {
    const { database, checks, clock } = this.#ground;
    const { number } = statement;
    if (!evidence.run.check) throw refused(number, "uncommitted");
    const answer = await this.#answerOf(evidence, statement);
    if (answer !== undefined && !job.releaser) throw refused(number, "alone");
    if (checks.isBeingChecked(number)) throw refused(number, "again");
    if (!(await insertDispute(database, { number, statement: toCbor(signed), openedAt: clock() })))
      throw refused(number, "twice");
    if (answer === undefined) {
      await checks.contradicted(evidence.poolRun, job);
      await endDispute(database, number, "contradicted");
      return "contradicted";
    }
    checks.dispute(evidence.poolRun, job, { answer, operators: await operatorsOf(database, number) });
    return "open";
  }

  async #evidence(job: LiveJob, { number, content, program, shared }: DisputeStatement): Promise<Evidence> {
    const { database, clock, primitives } = this.#ground;
    const row = await disputable(database, job.key, number);
    const manifest = row && readStatement(taskManifest, { body: row.manifest, signature: noBytes });
    if (!row || !manifest) throw noSuchTask(number);
    if (clock() - row.ended_at > disputeMs) throw refused(number, "late");
    if (row.verdict !== null && wrongAlready.has(row.verdict)) throw refused(number, "settled");
    if (!equalBytes(revealedCommitment({ content, program, shared }, primitives), manifest.keys))
      throw refused(number, "other-key");
    const signed = row.run ? (fromCbor(row.run) as Signed) : undefined;
    const run = signed && readStatement(runStatement, signed);
    const of = { task: number, number, job: job.key, operator: toHex(row.operator ?? noBytes) };
    const poolRun = runOf(run, { ...of, requirements: manifest.requirements });
    if (!run || !poolRun) throw refused(number, "uncommitted");
    return { manifest, run, poolRun, input: row.input ?? undefined, inline: row.result ?? undefined };
  }

  /** Arithmetic tells whether it is one. It is settled as a judgement, and nobody is punished: its program, which may be at fault, is the requester's. */
  async #product(
    job: LiveJob,
    evidence: Evidence,
    { number, content }: DisputeStatement,
    signed: Signed,
  ): Promise<DisputeAnswer> {
    const { database, judgements, clock, primitives } = this.#ground;
    if (!judgements.isAsked(job, number)) throw refused(number, "paid");
    const { manifest, run, input, inline } = evidence;
    if (run.resultBytes > mostProductBytes) throw refused(number, "too-large");
    const open = async (hash: Uint8Array, kept: Uint8Array | undefined, purpose: "input" | "result") =>
      openBytes(await this.#sealed(number, hash, kept), { owner: content, purpose }, primitives) ?? noBytes;
    const given = await open(manifest.input, input, "input");
    const isWrong = productVerdict(given, await open(run.result, inline, "result"), primitives) === "wrong";
    if (!(await insertDispute(database, { number, statement: toCbor(signed), openedAt: clock() })))
      throw refused(number, "twice");
    if (!(await judgements.shown(job, number, isWrong))) throw refused(number, "paid"); // meanwhile
    const verdict = isWrong ? "wrong" : "right";
    await endDispute(database, number, verdict);
    return verdict;
  }

  /** The answer that an agent has sent and committed to, as others are compared with it; undefined where these are two. */
  async #answerOf({ run, inline }: Evidence, { number, content }: DisputeStatement): Promise<string | undefined> {
    const { primitives } = this.#ground;
    const { outcome, agent, check, fuel } = run;
    const value = outcome === "completed" ? await this.#opened(run, inline, { number, content }) : undefined;
    if (outcome === "completed" && value === undefined) return undefined;
    const { commitment, fingerprint } = bindTo({ outcome, value }, { agent, content }, primitives);
    return check && equalBytes(commitment, check.commitment) ? answerOf(fingerprint, fuel) : undefined;
  }

  /** The result in plaintext; undefined where the key of its task does not open it, which is its agent's doing: the key is the right one. */
  async #opened(
    { result, resultBytes }: RunStatement,
    inline: Uint8Array | undefined,
    { number, content }: { readonly number: number; readonly content: Uint8Array },
  ): Promise<Uint8Array | undefined> {
    if (resultBytes > mostResultBytes) throw refused(number, "too-large");
    const sealed = await this.#sealed(number, result, inline, mostResultBytes);
    return openBytes(sealed, { owner: content, purpose: "result" }, this.#ground.primitives);
  }

  /** What was sealed for a task: as it came with it, or its blob. @throws {AegisError} `dispute-refused` where that is gone, or over `most` bytes */
  async #sealed(number: number, hash: Uint8Array, kept: Uint8Array | undefined, most = mostProductBytes) {
    const { blobs, primitives } = this.#ground;
    const name = toHex(hash);
    if (!kept && ((await blobs.size(name)) ?? 0) > most) throw refused(number, "too-large");
    const read = async () => buffer(await blobs.read(name));
    const sealed = kept ?? (await read().catch(() => undefined));
    if (!sealed || !equalBytes(primitives.sha256(sealed), hash)) throw refused(number, "no-result");
    return sealed;
  }
}

const noBytes = new Uint8Array(0);

const wrongAlready: ReadonlySet<string> = new Set(["disproved", "silent", "contradicted", "rejected"]);
