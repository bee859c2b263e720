import { buffer } from "node:stream/consumers";
import {
  bindTo,
  type DisputeStatement,
  equalBytes,
  fromCbor,
  openBytes,
  type Primitives,
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
import { answerOf, type PoolRun, runOf } from "../checks/open-check.js";
import type { Clock } from "../clock.js";
import type { LiveJob } from "../market/live.js";
import { noSuchTask, refused } from "./refusals.js";

/** A result can be disputed for so long, in ms: what is sealed for it is kept for longer. */
const disputeMs = 3 * 24 * 3_600_000;
/** Sealed results over this are not read by the pool. */
const mostResultBytes = 64 * 1024 ** 2;

/** What disputes are built on. */
export interface DisputesGround {
  readonly database: pg.Pool;
  readonly blobs: BlobStore;
  readonly checks: Checks;
  readonly clock: Clock;
  readonly primitives: Primitives;
}

/** What the pool sees of a disputed result, now that it has the key. */
interface Evidence {
  readonly manifest: TaskManifest;
  readonly run: RunStatement;
  /** The same as others are held against it. */
  readonly poolRun: PoolRun;
  /** The sealed result, where it was sent with the run. */
  readonly inline: Uint8Array | undefined;
}

/** What became of a dispute at once: its agent is wrong by its own signature, or others run the task now. */
export type DisputeAnswer = "contradicted" | "open";

/**
 * Disputes about results. The requester shows one task's content key. Where its agent has sent another result than it has committed to, that
 * is proof enough; else operators that have not run the task yet say what it gives, and the loser pays.
 */
export class Disputes {
  readonly #ground: DisputesGround;

  constructor(ground: DisputesGround) {
    this.#ground = ground;
    ground.checks.onDisputeEnded = (number, verdict) => endDispute(ground.database, number, verdict);
  }

  /** @throws {AegisError} `not-found`, `dispute-refused`; then nothing has happened */
  async open(job: LiveJob, statement: DisputeStatement, signed: Signed): Promise<DisputeAnswer> {
    const { database, checks, clock } = this.#ground;
    const { number } = statement;
    const evidence = await this.#evidence(job, statement);
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
    if (!run?.check || !poolRun) throw refused(number, "uncommitted");
    return { manifest, run, poolRun, inline: row.result ?? undefined };
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
    const { blobs, primitives } = this.#ground;
    if (resultBytes > mostResultBytes) throw refused(number, "too-large");
    const read = async () => buffer(await blobs.read(toHex(result)));
    const sealed = inline ?? (await read().catch(() => undefined));
    if (!sealed || !equalBytes(primitives.sha256(sealed), result)) throw refused(number, "no-result");
    return openBytes(sealed, { owner: content, purpose: "result" }, primitives);
  }
}

const noBytes = new Uint8Array(0);

const wrongAlready: ReadonlySet<string> = new Set(["disproved", "silent", "contradicted"]);
