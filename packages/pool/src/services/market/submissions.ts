import {
  AegisError,
  conflictIn,
  equalBytes,
  fromHex,
  isComplex,
  openStatement,
  type Primitives,
  protocolLimits,
  readStatement,
  type Signed,
  taskManifest,
  type TaskManifest,
  toCbor,
  toHex,
  worstCharge,
} from "@aegis-pool/core";
import type pg from "pg";
import type { BlobStore } from "../../store/blobs/index.js";
import type { GroupCommit } from "../group-commit.js";
import { type Insertion, insertTask } from "../../store/task-writes.js";
import { insufficientFunds } from "../ledger.js";
import { taskOf, tasksOf } from "../../store/task-reads.js";
import { type Arrival, type Board, type Replica, shapeOf } from "./board.js";
import type { BondedOperators } from "./bonded-operators.js";
import type { FirstRefusals } from "./first-refusals.js";
import type { Escrows } from "./escrows.js";
import type { Jobs } from "./jobs.js";
import type { LiveJob } from "./live.js";

/** One task as it is submitted. */
export interface SubmittedTask {
  readonly manifest: Signed;
  /** The sealed input where it is small; else it is a blob. */
  readonly input: Uint8Array | undefined;
}

/** Takes new tasks: each is signed by its job's key, for this pool, and all it names is there. */
export class Submissions {
  readonly #board: Board;
  readonly #escrows: Escrows;
  readonly #jobs: Jobs;
  readonly #commit: GroupCommit;
  readonly #database: pg.Pool;
  readonly #blobs: BlobStore;
  readonly #pool: Uint8Array;
  readonly #primitives: Primitives;
  readonly #bonded: BondedOperators;
  readonly #firstRefusals: FirstRefusals;
  readonly #most: () => number;
  readonly #now: () => number;
  #lastAge = 0;
  onWaiting: () => void = () => undefined;

  constructor(parts: {
    board: Board;
    escrows: Escrows;
    jobs: Jobs;
    commit: GroupCommit;
    database: pg.Pool;
    blobs: BlobStore;
    pool: Uint8Array;
    primitives: Primitives;
    bonded: BondedOperators;
    firstRefusals: FirstRefusals;
    /** Tasks that may wait or run in the whole pool. */
    most: () => number;
    now: () => number;
  }) {
    this.#board = parts.board;
    this.#escrows = parts.escrows;
    this.#jobs = parts.jobs;
    this.#commit = parts.commit;
    this.#database = parts.database;
    this.#blobs = parts.blobs;
    this.#pool = parts.pool;
    this.#primitives = parts.primitives;
    this.#bonded = parts.bonded;
    this.#firstRefusals = parts.firstRefusals;
    this.#most = parts.most;
    this.#now = parts.now;
  }

  /**
   * Queues all of `tasks`, or those whose numbers are free: a repeated submission changes nothing.
   * @returns how many are new, and the numbers that other tasks have taken before
   * @throws {AegisError} where one of them is not genuine; then none is queued
   */
  async submit(jobId: string, tasks: readonly SubmittedTask[]): Promise<{ queued: number; taken: number[] }> {
    const jobKey = fromHex(jobId) ?? new Uint8Array(0);
    const manifests = tasks.map((task) => this.#verify(task, jobKey));
    await this.#requireBlobs(tasks, manifests);
    const release = this.#board.hold(await this.#jobs.open(jobKey));
    try {
      return await this.#queue(jobKey, manifests, tasks);
    } finally {
      release();
    }
  }

  /**
   * Queues a task that has been run once more, under another number.
   * @returns that number; undefined where the first run's is deleted, or another task has it
   * @throws {AegisError} where it is not the very same task, or nothing is set aside for it
   */
  async replicate(job: LiveJob, manifest: Signed, replica: Replica): Promise<number | undefined> {
    const first = await taskOf(this.#database, job.key, replica.of);
    if (!first) return undefined;
    const task = { manifest, input: first.input };
    const statement = this.#verify(task, job.key);
    if (!isSameTask(statement, first.manifest)) throw otherTask(replica.of);
    const release = this.#board.hold(job);
    try {
      this.#requireRoom(job, 1);
      const covered = await this.#cover(job, [statement]);
      const written = (await this.#insert(statement, task, replica)) === "written";
      if (!written && covered.size > 0) this.#escrows.uncommit(job, costOfAll([statement]));
      this.onWaiting();
      return written ? statement.number : undefined;
    } finally {
      release();
    }
  }

  async #queue(jobKey: Uint8Array, manifests: readonly TaskManifest[], tasks: readonly SubmittedTask[]) {
    const job = this.#board.job(jobKey);
    this.#requireRoom(job, tasks.length);
    const covered = await this.#cover(job, manifests);
    const answers = await Promise.all(manifests.map((manifest, index) => this.#insert(manifest, tasks[index])));
    const late = manifests.filter((manifest, at) => covered.has(manifest) && answers[at] !== "written");
    this.#escrows.uncommit(job, costOfAll(late));
    this.onWaiting();
    job.releaser?.tellProgress(); // else it would hear of its tasks when something happens to one
    const numbers = (answer: Insertion) =>
      manifests.filter((_, at) => answers[at] === answer).map(({ number }) => number);
    return { queued: numbers("written").length, taken: numbers("taken") };
  }

  /**
   * Sets aside what those of `manifests` that are new may cost at most; @returns them.
   * @throws {AegisError} `insufficient-funds`, `bad-argument` where a gang would have more tasks than it says
   */
  async #cover(job: LiveJob, manifests: readonly TaskManifest[]): Promise<ReadonlySet<TaskManifest>> {
    let fresh = manifests.filter(({ number }) => this.#board.tasks.get(number)?.job !== job);
    requireGangs(job, fresh);
    if (this.#escrows.commit(job, costOfAll(fresh))) return new Set(fresh);
    // a repeated submission, some of whose tasks are over, asks for nothing new
    const numbers = fresh.map(({ number }) => number);
    const known = await tasksOf(this.#database, job.key, numbers);
    fresh = fresh.filter(({ number }) => !known.has(number));
    if (this.#escrows.commit(job, costOfAll(fresh))) return new Set(fresh);
    throw insufficientFunds("job's escrow", this.#escrows.free(job), costOfAll(fresh));
  }

  #requireRoom(job: LiveJob, added: number): void {
    const { size } = this.#board.tasks;
    const [inPool, inJob] = [this.#most(), protocolLimits.tasksPerJob];
    if (size + added > inPool) throw tooMany("pool", size, inPool);
    if (job.tasks.size + added > inJob) throw tooMany("job", job.tasks.size, inJob);
  }

  #verify({ manifest, input }: SubmittedTask, jobKey: Uint8Array): TaskManifest {
    const statement = openStatement(taskManifest, manifest, jobKey, this.#primitives);
    if (!statement || !equalBytes(statement.job, jobKey) || !equalBytes(statement.pool, this.#pool)) {
      throw badManifest();
    }
    const conflict = conflictIn(statement.requirements);
    if (conflict) throw badRequirements(statement.number, conflict);
    if (input && !equalBytes(this.#primitives.sha256(input), statement.input)) throw badInput(statement.number);
    return statement;
  }

  async #requireBlobs(tasks: readonly SubmittedTask[], manifests: readonly TaskManifest[]): Promise<void> {
    const needed = new Set<string>();
    for (const [index, { program, shared, input }] of manifests.entries()) {
      needed.add(toHex(program));
      if (shared) needed.add(toHex(shared));
      if (!tasks[index]?.input) needed.add(toHex(input));
    }
    for (const hash of needed) if ((await this.#blobs.use(hash)) === undefined) throw blobMissing(hash);
  }

  async #insert(manifest: TaskManifest, task: SubmittedTask | undefined, replica?: Replica): Promise<Insertion> {
    if (!task) return "known";
    const age = this.#nextAge();
    const { body, signature } = task.manifest;
    const gang = manifest.requirements.gang?.number;
    const { number, job } = manifest;
    const replicaOf = replica?.of;
    const row = { number, job, age, manifest: body, manifestSignature: signature, gang, replicaOf };
    const written = await this.#commit.submit(insertTask, { ...row, input: task.input });
    const manifestHash = this.#primitives.sha256(body);
    if (written === "written") this.#enqueue({ manifest, manifestHash, age, state: "queued", fence: 0, replica });
    return written;
  }

  /** Complex tasks are for bonded operators first, where any is here. */
  #enqueue(arrival: Arrival): void {
    const { requirements, maxWork } = arrival.manifest;
    const isForBonded = isComplex(requirements, maxWork) && this.#bonded.areHere();
    const task = this.#board.add({ ...arrival, isForBonded });
    if (isForBonded) this.#firstRefusals.begin(task, this.#now());
  }

  /** Microseconds since 1970, each given once: order holds across restarts without a look at the database. */
  #nextAge(): number {
    this.#lastAge = Math.max(this.#lastAge + 1, this.#now() * 1_000);
    return this.#lastAge;
  }
}

function requireGangs(job: LiveJob, fresh: readonly TaskManifest[]): void {
  const sizes = new Map<string, number>();
  for (const manifest of fresh) {
    const { gang } = manifest.requirements;
    if (!gang) continue;
    const shape = shapeOf(manifest);
    const size = (sizes.get(shape) ?? job.groups.get(shape)?.gang?.members.size ?? 0) + 1;
    if (size > gang.size) throw gangFull(gang.number, gang.size);
    sizes.set(shape, size);
  }
}

/** Whether two manifests are of the same task under two numbers. */
function isSameTask(statement: TaskManifest, first: Uint8Array): boolean {
  const other = readStatement(taskManifest, { body: first, signature: new Uint8Array(0) });
  return other !== undefined && equalBytes(toCbor({ ...statement, number: 0 }), toCbor({ ...other, number: 0 }));
}

function costOfAll(manifests: readonly TaskManifest[]): bigint {
  const costs = manifests.map(({ maxPrice, ...task }) => worstCharge({ ...task, maxPrice: BigInt(maxPrice) }));
  return costs.reduce((sum, cost) => sum + cost, 0n);
}

const badManifest = () =>
  new AegisError({
    code: "bad-signature",
    message: "A task's manifest is not signed by the job's key for this pool, or is not of this version.",
    next: "Sign each manifest with the key that names the job, for the pool whose key /v1/pool shows.",
  });

const badRequirements = (number: number, conflict: string) =>
  new AegisError({
    code: "bad-argument",
    message: `No machine can meet the requirements of task ${number}: ${conflict}.`,
    next: "Leave one of the two out.",
  });

const badInput = (number: number) =>
  new AegisError({
    code: "blob-mismatch",
    message: `The sealed input of task ${number} is not the one that its manifest names.`,
    next: "Send the input whose SHA-256 the manifest carries.",
  });

const blobMissing = (hash: string) =>
  new AegisError({
    code: "blob-missing",
    message: `The blob ${hash} is not here, or not whole.`,
    next: "Upload programs and large inputs before the tasks that name them.",
  });

const otherTask = (of: number) =>
  new AegisError({
    code: "bad-argument",
    message: `The manifest is not of the same task as ${of}: program, inputs, keys, requirements and prices are.`,
    next: "Give the task another number, and nothing else.",
  });

const gangFull = (number: number, size: number) =>
  new AegisError({
    code: "bad-argument",
    message: `Gang ${number} of this job has ${size} tasks, as its requirements say, and was given more.`,
    next: "Give each gang a number of its own, and as many tasks as its size.",
  });

const tooMany = (what: string, now: number, most: number) =>
  new AegisError({
    code: "too-many",
    message: `This ${what} has ${now} unfinished tasks; it holds at most ${most}.`,
    next: "Submit the rest when some have finished.",
  });
