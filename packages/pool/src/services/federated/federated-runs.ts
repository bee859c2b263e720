import {
  AegisError,
  costOf,
  fromCbor,
  fromHex,
  memberTask,
  type NewRun,
  openOwnStatement,
  openRun,
  parseNewRun,
  seatsHash,
  type Signed,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import { eventsOf, insertRun, markOver, roundView, runRow, runsAlive } from "../../store/federated-rows.js";
import type { RunFiles } from "../../store/run-files.js";
import { insufficientFunds } from "../ledger.js";
import type { AgentSession } from "../market/live.js";
import { closeAttempt, pursueAttempt } from "./committee-work.js";
import { beginDraw, checkDraw, considerDraw } from "./drawing.js";
import type { RunEvent } from "./events.js";
import { expectedFile } from "./expected-files.js";
import { LiveRun } from "./live-run.js";
import { MemberMessages } from "./member-messages.js";
import { memberNumberOf } from "./member-task.js";
import { type FromMember, hearMember } from "./members-desk.js";
import { askToSettle, payMember, releaseRest } from "./payments.js";
import { announceUpload, enrol, ready, refused, reveal } from "./participants-desk.js";
import { afterAttempt, considerRound } from "./rounds.js";
import type { RunParts } from "./run-parts.js";
import { RunState } from "./state/run-state.js";

/** Runs that are not over, at most. */
const mostRuns = 1_000;
/** How long a request waits for a run to change, in ms. */
const watchMs = 20_000;

/** The federated runs of a pool: it stores, forwards and keeps time; what it says is checked by those it says it to. */
export class FederatedRuns {
  readonly #parts: RunParts;
  readonly #files: RunFiles;
  readonly #runs = new Map<string, LiveRun>();
  readonly #messages = new MemberMessages();
  /** Runs that are being looked at, and whether there is more to look at. */
  readonly #looking = new Map<LiveRun, boolean>();

  private constructor(parts: RunParts, files: RunFiles) {
    this.#parts = parts;
    this.#files = files;
  }

  /** Those that are not over, as the database has them. */
  static async open(parts: Omit<RunParts, "clearRound">, files: RunFiles): Promise<FederatedRuns> {
    const runs = new FederatedRuns({ ...parts, clearRound: (run) => files.clearRound(run) }, files);
    for (const { run, asked } of await runsAlive(parts.database)) await runs.#load(run, asked);
    return runs;
  }

  /** @throws {AegisError} `run-refused`, `insufficient-funds`, `too-many` */
  async create(bytes: Uint8Array): Promise<Uint8Array> {
    const { primitives, database, ledger } = this.#parts;
    const asked = parseNewRun(bytes);
    const known = asked && openRun(asked.terms, this.#parts.signer.publicKey, primitives);
    if (!asked || !known) throw refused("the run's terms are not signed by its key for this pool, or at odds");
    const why = conflictIn(asked, known, this.#parts);
    if (why) throw refused(why);
    if (this.#runs.has(toHex(known.id))) return known.id;
    if (this.#runs.size >= mostRuns) throw tooManyRuns();
    const { owner, committee, maxWork, maxPrice } = known.terms;
    const needed = BigInt(committee.size) * costOf(maxWork, BigInt(maxPrice));
    const there = await ledger.balance(`escrow:${toHex(owner)}`);
    if (there < needed) throw insufficientFunds("run", there, needed);
    if (await insertRun(database, known.id, toCbor(asked))) await this.#load(known.id, toCbor(asked));
    return known.id;
  }

  /** Begins the draw with the seats that are taken. @throws {AegisError} `not-found`, `run-refused` */
  async start(id: string): Promise<void> {
    const run = await this.#run(id);
    if (run.state.phase === "enrolling") await beginDraw(run, this.#parts);
  }

  /** The run's key. @throws {AegisError} `not-found` */
  async ownerOf(id: string): Promise<string> {
    return toHex((await this.#run(id)).state.known.terms.owner);
  }

  async enrol(id: string, signed: Signed): Promise<void> {
    await enrol(await this.#run(id), signed, this.#parts.primitives);
  }

  async reveal(id: string, signed: Signed): Promise<void> {
    await reveal(await this.#run(id), signed, this.#parts.primitives);
  }

  async ready(id: string, signed: Signed): Promise<void> {
    await ready(await this.#run(id), signed, this.#parts.primitives);
  }

  async upload(id: string, signed: Signed): Promise<void> {
    await announceUpload(await this.#run(id), signed);
  }

  /** Takes a file that somebody has announced. @throws {AegisError} `not-found`, `blob-mismatch` */
  async takeFile(id: string, hash: string, bytes: Readable): Promise<void> {
    const run = await this.#run(id);
    if (run.files.has(hash)) return;
    const { attempt } = run.state;
    const kind = expectedFile(fromHex(hash) ?? new Uint8Array(0), attempt);
    if (!kind || !attempt) throw notExpected(hash);
    const taken = await this.#files.take(run.id, { kind, hash, length: attempt.terms.length * 4 }, bytes);
    if (taken !== "taken") throw mismatch(hash, taken);
    run.files.add(hash);
    if (kind === "sums") run.changed();
    this.#consider(run);
  }

  async readFile(id: string, hash: string): Promise<{ length: number; bytes: Readable | Buffer }> {
    await this.#run(id);
    const found = await this.#files.read(id, hash);
    if (!found) throw notThere(`The file ${hash}`);
    return found;
  }

  /** The run as it is shown; with `seen`, when it is another than that version, or after a while. @throws {AegisError} `not-found` */
  async view(id: string, seen: number | undefined): Promise<Uint8Array> {
    const run = await this.#run(id);
    if (seen !== undefined) await run.whenChanged(seen, watchMs);
    return run.view();
  }

  /** A round that is over. @throws {AegisError} `not-found` */
  async round(id: string, round: number): Promise<Uint8Array> {
    const justOver = this.#runs.get(id)?.roundJustOver(round);
    const view = justOver ?? (await roundView(this.#parts.database, fromHex(id) ?? new Uint8Array(0), round));
    if (!view) throw notThere(`Round ${round}`);
    return view;
  }

  /** Takes what a committee member says; @returns why it is refused */
  async hear(session: AgentSession, message: FromMember): Promise<string | undefined> {
    const run = this.#runWithTask(session, message.number);
    if (!run) return "unknown-task";
    if (message.type === "committee-settled") return payMember(run, session, message.run, this.#parts);
    return hearMember(run, session, message);
  }

  /** Looks at every run: who is late, who is here again. */
  look(): Promise<void> {
    for (const run of this.#runs.values()) this.#consider(run);
    return Promise.resolve();
  }

  #runWithTask(session: AgentSession, number: number): LiveRun | undefined {
    for (const run of this.#runs.values()) if (memberNumberOf(run.state, session.id) === number) return run;
    return undefined;
  }

  /** Looks at a run, one look at a time. */
  #consider(run: LiveRun): void {
    const isLooking = this.#looking.has(run);
    this.#looking.set(run, true);
    if (!isLooking) void this.#lookUntilDone(run);
  }

  async #lookUntilDone(run: LiveRun): Promise<void> {
    try {
      while (this.#looking.get(run)) {
        // what came in together is looked at together: a look goes through all uploads
        await setImmediate();
        this.#looking.set(run, false);
        await this.#pursue(run);
      }
    } catch (error) {
      this.#parts.log.error({ err: error, run: run.id.slice(0, 16) }, "a federated run could not go on");
    } finally {
      this.#looking.delete(run);
    }
  }

  async #pursue(run: LiveRun): Promise<void> {
    const { state } = run;
    const { attempt } = state;
    if (state.phase === "enrolling") return considerDraw(run, this.#parts);
    if (state.phase === "drawing") return checkDraw(run, this.#parts);
    if (state.phase !== "running") return this.#settle(run);
    if (!attempt) return considerRound(run, this.#parts);
    const work = { run, attempt, parts: this.#parts, messages: this.#messages };
    if (!attempt.isOver) return pursueAttempt(work);
    closeAttempt(work);
    return afterAttempt(run, attempt, this.#parts);
  }

  async #settle(run: LiveRun): Promise<void> {
    if (!askToSettle(run, this.#parts, this.#messages) || !this.#runs.has(run.id)) return;
    await releaseRest(run, this.#parts);
    await markOver(this.#parts.database, run.state.known.id);
    this.#runs.delete(run.id);
  }

  /** A live run, or one that is over, to be looked at. */
  async #run(id: string): Promise<LiveRun> {
    const live = this.#runs.get(id);
    if (live) return live;
    const row = await runRow(this.#parts.database, fromHex(id) ?? new Uint8Array(0));
    if (!row) throw notThere("The run");
    return this.#read(row.run, row.asked);
  }

  async #load(id: Uint8Array, asked: Uint8Array): Promise<void> {
    const run = await this.#read(id, asked);
    run.onRecorded = () => this.#consider(run);
    this.#runs.set(run.id, run);
    this.#consider(run);
  }

  async #read(id: Uint8Array, bytes: Uint8Array): Promise<LiveRun> {
    const { primitives, signer, database } = this.#parts;
    const asked = fromCbor(bytes) as NewRun;
    const known = openRun(asked.terms, signer.publicKey, primitives);
    if (!known) throw new TypeError(`the run ${toHex(id)} was written, and is none`);
    const files = await this.#files.open(toHex(id));
    const state = new RunState(known, asked, primitives, (hash) => files.has(toHex(hash)));
    const events = await eventsOf(database, id);
    for (const { event } of events) state.apply(fromCbor(event) as RunEvent);
    return new LiveRun(state, files, (events.at(-1)?.sequence ?? -1) + 1, this.#parts);
  }
}

/** What is at odds between a run's parts, in words. */
function conflictIn(asked: NewRun, { terms }: NonNullable<ReturnType<typeof openRun>>, { primitives }: RunParts) {
  const { seats, tasks } = asked;
  const ascends = seats.every((seat, index) => index === 0 || toHex(seat) > toHex(seats[index - 1]!));
  if (!ascends || seats.length !== terms.participants || toHex(seatsHash(seats, primitives)) !== toHex(terms.seats))
    return "the seats are not those of the terms";
  if (tasks.length !== terms.committee.size * 3)
    return `${terms.committee.size * 3} member tasks are needed, and ${tasks.length} given`;
  const opened = tasks.map((signed) => openOwnStatement(memberTask, signed, ({ job }) => job, primitives));
  const isOurs = opened.every(
    (task) =>
      task &&
      toHex(task.job) === toHex(terms.owner) &&
      task.maxWork === terms.maxWork &&
      task.maxPrice === terms.maxPrice,
  );
  const numbers = new Set(opened.map((task) => task?.number));
  return isOurs && numbers.size === tasks.length
    ? undefined
    : "the member tasks are not the run's, or not as its terms say";
}

const notThere = (what: string) =>
  new AegisError({
    code: "not-found",
    message: `${what} is not here.`,
    next: "Check the run's id, and the pool's URL.",
  });

const notExpected = (hash: string) =>
  new AegisError({
    code: "not-found",
    message: `Nobody has announced a file ${hash} for the sum that is open.`,
    next: "Announce the upload first; if the sum is closed, go on with what the run shows.",
  });

const mismatch = (hash: string, taken: "too-long" | "other-hash") =>
  new AegisError({
    code: "blob-mismatch",
    message:
      taken === "too-long" ? `The file ${hash} is longer than the sum.` : `What was sent is not the file ${hash}.`,
    next: "Send exactly the bytes that were announced.",
  });

const tooManyRuns = () =>
  new AegisError({
    code: "too-many",
    message: `This pool conducts ${mostRuns} federated runs, as many as it can.`,
    next: "Try again when others are over.",
  });
