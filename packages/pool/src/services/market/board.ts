import {
  type EngineName,
  Matching,
  moveTask,
  quorumOf,
  taskGroup,
  type TaskGroup,
  toCbor,
  toHex,
  type MoveRefusal,
  type TaskEvent,
  type TaskManifest,
  type TaskState,
} from "@aegis-pool/core";
import type { Counts, LiveGang, LiveGroup, LiveJob, LiveTask } from "./live.js";

/** A task as it comes onto the board. */
export interface Arrival {
  readonly manifest: TaskManifest;
  readonly manifestHash: Uint8Array;
  readonly age: number;
  readonly state: TaskState;
  readonly fence: number;
  /** Of a task of a gang: one of them has run before. */
  readonly gangHasBegun?: boolean;
  /** It is run again, to check what another has made of it. */
  readonly replica?: Replica | undefined;
  /** Bonded operators have the first refusal. */
  readonly isForBonded?: boolean;
}

/** A further run of a task. */
export interface Replica {
  /** The number of its first run. */
  readonly of: number;
  /** Whether an agent of an operator, both by key, may not run it. */
  readonly bars: NonNullable<TaskGroup["bars"]>;
}

/** All work that is not over, in memory. It decides nothing and writes nothing. */
export class Board {
  /** Whether an agent is too new to an engine to begin tasks whose results are held: such run what others have agreed on. */
  isNovice: (agent: string, engine: EngineName) => boolean = () => false;
  readonly tasks = new Map<number, LiveTask>();
  readonly jobs = new Map<string, LiveJob>();
  /** What waits, as the market sees it. */
  readonly matching = new Matching();

  /** The job with this key, made where it is new. */
  job(key: Uint8Array): LiveJob {
    const id = toHex(key);
    const known = this.jobs.get(id);
    if (known) return known;
    const job: LiveJob = {
      id,
      key,
      groups: new Map(),
      tasks: new Map(),
      counts: { queued: 0, matched: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
      sequence: 0,
      releaser: undefined,
      pausedUntil: 0,
      pauseMs: 0,
      holds: 0,
      refused: new Set(),
    };
    this.jobs.set(id, job);
    return job;
  }

  /** Adds a task; one that is queued waits at once. */
  add({ manifest, manifestHash, age, state, fence, ...how }: Arrival): LiveTask {
    const job = this.job(manifest.job);
    const task: LiveTask = {
      number: manifest.number,
      job,
      group: this.#groupOf(job, manifest, how.replica),
      replicaOf: how.replica?.of,
      age,
      manifestHash,
      keys: manifest.keys,
      input: manifest.input,
      maxWork: manifest.maxWork,
      position: { state, fence },
      waitsIn: undefined,
      lease: undefined,
      losses: 0,
      lastWrite: Promise.resolve(),
    };
    this.tasks.set(task.number, task);
    job.tasks.set(task.number, task);
    task.group.tasks++;
    task.group.gang?.members.add(task);
    if (task.group.gang && how.gangHasBegun) task.group.gang.hasBegun = true;
    count(job.counts, state, 1);
    if (state === "queued") this.enqueue(task, how.isForBonded ? task.group.forBonded : undefined);
    return task;
  }

  /** Lets a queued task be matched (again), as one of `group`; where it waited among others, it does so no longer. */
  enqueue(task: LiveTask, group = termsNow(task.group)): void {
    const { number, age, position } = task;
    this.#leave(task);
    task.waitsIn = group;
    this.matching.wait(group, { number, age, returned: position.fence > 0 });
  }

  /** Moves a task, or says why not. A task that is over leaves the board. */
  move(task: LiveTask, event: TaskEvent, fence: number): MoveRefusal | undefined {
    const position = moveTask(task.position, event, fence);
    if (typeof position === "string") return position;
    count(task.job.counts, task.position.state, -1);
    count(task.job.counts, position.state, 1);
    this.#leave(task);
    task.position = position;
    if (position.state === "completed" || position.state === "failed" || position.state === "cancelled") {
      this.#drop(task);
    }
    return undefined;
  }

  /**
   * Keeps a job on the board until the returned function is called: while something about it is on its way to the
   * database, what is read there is not yet the truth, and two copies of one job would number outcomes twice.
   */
  hold(job: LiveJob): () => void {
    job.holds++;
    let held = true;
    return () => {
      if (held) job.holds--;
      held = false;
      this.forget(job);
    };
  }

  /** Drops a job that has neither tasks nor a releaser, unless it is held: the database remembers it. */
  forget(job: LiveJob): void {
    if (job.tasks.size === 0 && !job.releaser && job.holds === 0) this.jobs.delete(job.id);
  }

  #groupOf(job: LiveJob, manifest: TaskManifest, replica: Replica | undefined): LiveGroup {
    const { requirements } = manifest;
    const isHeld = quorumOf(requirements) !== undefined && !replica;
    const isNovice = isHeld ? (agent: string) => this.isNovice(agent, requirements.engine) : undefined;
    return groupOf(job, manifest, { replica, isNovice });
  }

  #leave(task: LiveTask): void {
    if (task.waitsIn) this.matching.leave(task.waitsIn.id, task.number);
    task.waitsIn = undefined;
  }

  #drop(task: LiveTask): void {
    const { number, group, job } = task;
    this.tasks.delete(number);
    job.tasks.delete(number);
    group.gang?.members.delete(task);
    group.tasks--;
    if (group.tasks === 0) job.groups.delete(group.shape);
    this.forget(job);
  }
}

/** How the market reads a task of the group that waits now. */
function termsNow({ terms, gang }: LiveGroup): TaskGroup {
  return gang?.hasBegun ? gang.alone : terms;
}

/** Under what key a task's group is found in its job. */
export function shapeOf({ requirements, maxPrice, shared }: TaskManifest): string {
  return toHex(toCbor([requirements, maxPrice, shared ?? null]));
}

function groupOf(
  job: LiveJob,
  manifest: TaskManifest,
  { replica, isNovice }: { replica: Replica | undefined; isNovice: TaskGroup["isNovice"] },
): LiveGroup {
  const { requirements, maxPrice, shared } = manifest;
  const shape = replica ? `${shapeOf(manifest)} ${manifest.number}` : shapeOf(manifest);
  const known = job.groups.get(shape);
  if (known) return known;
  const terms = taskGroup(requirements, {
    id: `${job.id} ${shape}`,
    job: job.id,
    maxPrice: Number(maxPrice),
    refused: job.refused,
    shared: shared && toHex(shared),
    bars: replica?.bars,
    isNovice,
  });
  const forBonded = { ...terms, id: `${terms.id} bonded`, isForBonded: true };
  const group: LiveGroup = { shape, requirements, terms, forBonded, gang: gangOf(terms), tasks: 0 };
  job.groups.set(shape, group);
  return group;
}

function gangOf(terms: TaskGroup): LiveGang | undefined {
  if (terms.gangSize === 1) return undefined;
  const alone = { ...terms, id: `${terms.id} alone`, gangSize: 1 };
  return { size: terms.gangSize, members: new Set(), hasBegun: false, alone };
}

function count(counts: Counts, state: TaskState, by: number): void {
  if (state !== "settled") counts[state] += by;
}
