import {
  costOf,
  fromCbor,
  fromHex,
  type KnownRun,
  type NewRun,
  openRun,
  parseNewRun,
  type Signed,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import type { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";
import {
  deleteRun,
  eventsOf,
  insertRun,
  markOver,
  runsOver,
  roundView,
  overView,
  runsAlive,
} from "../../store/federated-rows.js";
import type { RunFiles } from "../../store/run-files.js";
import { insufficientFunds } from "../ledger.js";
import type { AgentSession } from "../market/live.js";
import { closeAttempt, pursueAttempt } from "./committee-work.js";
import { beginDraw, checkDraw, considerDraw, fail } from "./drawing.js";
import type { RunEvent } from "./events.js";
import { takeFile } from "./file-desk.js";
import { LiveRun } from "./live-run.js";
import { MemberMessages } from "./member-messages.js";
import { memberTaskOf } from "./member-task.js";
import { type FromMember, hearMember } from "./members-desk.js";
import { askToSettle, payMember, releaseRest } from "./payments.js";
import { conflictInNewRun, memberTaskRows } from "./new-run.js";
import { announceUpload, enrol, ready, refused, reveal } from "./participants-desk.js";
import { notThere, numberTaken, runIsOver, tooManyRuns } from "./run-errors.js";
import { afterAttempt, considerRound } from "./rounds.js";
import type { RunParts } from "./run-parts.js";
import { RunState } from "./state/run-state.js";

/** Runs that are not over, at most. */
const mostRuns = 1_000;
/** Runs that are deleted in one sweep, at most. */
const runsPerSweep = 1_000;
/** How long a request waits for a run to change, in ms. */
const watchMs = 20_000;

/** The federated runs of a pool: it stores, forwards and keeps time; what it says is checked by those it says it to. */
export class FederatedRuns {
  readonly #parts: RunParts;
  readonly #files: RunFiles;
  readonly #runs = new Map<string, LiveRun>();
  readonly #loading = new Map<string, Promise<LiveRun>>();
  readonly #messages = new MemberMessages();
  /** Keys, in hexadecimal, whose money is bound for a run that is not over: no job may take it. */
  readonly #bound = new Set<string>();
  /** Runs that are being looked at, and whether there is more to look at. */
  readonly #looking = new Map<LiveRun, boolean>();

  private constructor(parts: RunParts, files: RunFiles) {
    this.#parts = parts;
    this.#files = files;
    parts.market.jobs.isBound = (key) => this.#bound.has(key);
  }

  /** Those that are not over, as the database has them. */
  static async open(parts: Omit<RunParts, "clearRound">, files: RunFiles): Promise<FederatedRuns> {
    const runs = new FederatedRuns({ ...parts, clearRound: (run) => files.clearRound(run) }, files);
    for (const { run, asked } of await runsAlive(parts.database)) {
      // a run that cannot be read holds up nobody else
      await runs.#load(run, asked).catch((error: unknown) =>
        parts.log.error({ err: error }, "a federated run was not read"),
      );
    }
    return runs;
  }

  /** @throws {AegisError} `run-refused`, `insufficient-funds`, `too-many` */
  async create(bytes: Uint8Array): Promise<Uint8Array> {
    const { primitives } = this.#parts;
    const asked = parseNewRun(bytes);
    const known = asked && openRun(asked.terms, this.#parts.signer.publicKey, primitives);
    if (!asked || !known) throw refused("the run's terms are not signed by its key for this pool, or at odds");
    const why = conflictInNewRun(asked, known, primitives);
    if (why) throw refused(why);
    if (this.#runs.has(toHex(known.id))) return known.id;
    if (this.#runs.size >= mostRuns) throw tooManyRuns(mostRuns);
    await this.#bind(known, () => this.#add(known, asked));
    return known.id;
  }

  /** While `add` goes on, and for as long as the run does then, nothing else can have the owner's money. */
  async #bind({ id, terms }: KnownRun, add: () => Promise<void>): Promise<void> {
    const owner = toHex(terms.owner);
    if (this.#bound.has(owner) || this.#parts.market.board.jobs.has(owner))
      throw refused("the run's key has other work");
    this.#bound.add(owner);
    try {
      await add();
    } finally {
      if (!this.#runs.has(toHex(id))) this.#bound.delete(owner);
    }
  }

  async #add({ id, terms }: KnownRun, asked: NewRun): Promise<void> {
    const { owner, committee, maxWork, maxPrice } = terms;
    const needed = BigInt(committee.size) * costOf(maxWork, BigInt(maxPrice));
    const there = await this.#parts.ledger.balance(`escrow:${toHex(owner)}`);
    if (there < needed) throw insufficientFunds("run", there, needed);
    const row = { run: id, owner, asked: toCbor(asked), tasks: memberTaskRows(asked) };
    const written = await insertRun(this.#parts.database, row);
    if (written === "known") throw refused("the run is over");
    if (written === "key-used") throw refused("the run's key has had other work: make a key for each run");
    if (written === "number-taken") throw numberTaken();
    await this.#load(id, row.asked);
  }

  /** Begins the draw with the seats that are taken. @throws {AegisError} `not-found`, `run-refused` */
  async start(id: string): Promise<void> {
    const run = await this.#run(id);
    const why = await beginDraw(run, this.#parts);
    if (why !== undefined) throw refused(why);
  }

  /** Ends a run for its owner: what is set aside goes back, less what its members have done. @throws {AegisError} `not-found` */
  async cancel(id: string): Promise<void> {
    const run = await this.#run(id);
    if (isGoingOn(run.state)) await fail(run, "its owner has ended it");
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

  /** Takes a file that somebody has announced. @throws {AegisError} `not-found`, `blob-mismatch`, `too-many-uploads` */
  async takeFile(id: string, hash: string, bytes: Readable): Promise<void> {
    const run = await this.#run(id);
    if (await takeFile(run, hash, bytes, this.#files)) this.#consider(run);
  }

  async readFile(id: string, hash: string): Promise<Awaited<ReturnType<RunFiles["read"]>> & object> {
    const found = await this.#files.read(id, hash);
    if (!found) throw notThere(`The file ${hash}`);
    return found;
  }

  /** The run as it is shown; with `seen`, when it is another than that version, or after a while. @throws {AegisError} `not-found` */
  async view(id: string, seen: number | undefined): Promise<Uint8Array> {
    const run = this.#runs.get(id) ?? (await this.#loading.get(id));
    if (seen !== undefined) await run?.whenChanged(seen, watchMs);
    const view = run?.view() ?? (await overView(this.#parts.database, bytesOf(id)));
    if (!view) throw notThere("The run");
    return view;
  }

  /** A round that is over. @throws {AegisError} `not-found` */
  async round(id: string, round: number): Promise<Uint8Array> {
    const justOver = this.#runs.get(id)?.roundJustOver(round);
    const view = justOver ?? (await roundView(this.#parts.database, bytesOf(id), round));
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

  /** Deletes what was over before `since`, ms since 1970. */
  async expire(since: number): Promise<void> {
    for (const id of await runsOver(this.#parts.database, since, runsPerSweep)) {
      await deleteRun(this.#parts.database, id);
      await this.#files.remove(toHex(id));
    }
  }

  #runWithTask(session: AgentSession, number: number): LiveRun | undefined {
    for (const run of this.#runs.values()) if (memberTaskOf(run.state, session.id)?.task.number === number) return run;
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
    if (isGoingOn(state) && run.quietMs() > this.#parts.patience.abandonedMs)
      return fail(run, "nothing has happened for too long");
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
    const { database, clock } = this.#parts;
    const { id, terms } = run.state.known;
    await markOver(database, { run: id, owner: terms.owner, at: clock(), view: run.view() });
    this.#runs.delete(run.id);
    this.#bound.delete(toHex(terms.owner));
  }

  /** A run that goes on. @throws {AegisError} `not-found`, `run-refused` */
  async #run(id: string): Promise<LiveRun> {
    const live = this.#runs.get(id) ?? (await this.#loading.get(id));
    if (live) return live;
    if (await overView(this.#parts.database, bytesOf(id))) throw runIsOver();
    throw notThere("The run");
  }

  /** Reads a run into memory; who asks for it meanwhile waits. */
  #load(id: Uint8Array, asked: Uint8Array): Promise<LiveRun> {
    const loading = this.#read(id, asked);
    this.#loading.set(toHex(id), loading);
    return loading.finally(() => this.#loading.delete(toHex(id)));
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
    const run = new LiveRun(state, files, (events.at(-1)?.sequence ?? -1) + 1, this.#parts);
    this.#bound.add(toHex(known.terms.owner));
    run.onRecorded = () => this.#consider(run);
    this.#runs.set(run.id, run);
    this.#consider(run);
    return run;
  }
}

function isGoingOn({ phase }: RunState): boolean {
  return phase !== "ended" && phase !== "failed";
}

/** A run's id, of hexadecimal that was checked at the door. */
function bytesOf(id: string): Uint8Array {
  return fromHex(id) ?? new Uint8Array(0);
}
