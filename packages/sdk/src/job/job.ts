import { type AegisError, type Signer, type TaskValue, toHex } from "@aegis-pool/core";
import { type JobOptions, requireWholeGangs, worstChargeOf } from "../options.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import type { Program } from "../program.js";
import { AsyncQueue } from "./async-queue.js";
import { newContext, savedContext } from "./job-context.js";
import { openDispute } from "./open-dispute.js";
import { deadlinePassed, wasCancelled } from "./job-ends.js";
import { Incoming } from "./incoming.js";
import type { JobListener, JobProgress } from "./job-listener.js";
import { Replicas } from "./replicas.js";
import { type CheckedMessage, type ReleasedMatch, Releaser } from "./releaser.js";
import { failedResult, type FinishedMessage, type TaskResult } from "./results.js";
import { type SavedJob, toSaved } from "./saved-job.js";
import type { JobContext, SealedTask } from "./seal-task.js";
import { JobEscrow } from "./job-escrow.js";
import { Submitter } from "./submitter.js";
import { type TaskName, TaskNames } from "./task-names.js";

/** Where a job goes, and whose account pays; undefined: nobody's, as it is all submitted or free. */
interface JobParties {
  readonly client: PoolClient;
  readonly payer: Signer | undefined;
}
type PoolProgress = Pick<JobProgress, "counts" | "agents"> & { readonly remainingMs?: number | undefined };

/**
 * A requester's job while this process answers for it. Iterate over it for results as they come; each task is sealed to
 * the agent that gets it, and its result opens here alone.
 */
export class Job<Output = TaskValue> implements AsyncIterable<TaskResult<Output>> {
  readonly #client: PoolClient;
  readonly #context: JobContext;
  readonly #listener: JobListener;
  readonly #releaser: Releaser;
  readonly #submitter: Submitter;
  readonly #escrow: JobEscrow;
  readonly #replicas: Replicas;
  readonly #incoming: Incoming;
  readonly #tasks: TaskNames;
  readonly #results = new AsyncQueue<TaskResult<Output>>();
  readonly #ended = new Set<number>();
  readonly #onEnded = new Map<number, (result: TaskResult<Output>) => void>();
  /** Runs that an earlier process has paid for, and got back what they did not need. */
  #paidBefore: ReadonlySet<number> = new Set();
  #failed = 0;
  #total = 0;
  #sequence = 0;
  #complete = false;
  #over = false;
  #deadline: NodeJS.Timeout | undefined;
  #stopped = false;
  #told: PoolProgress = { counts: undefined, agents: 0 };
  #taskMs: number | undefined;

  private constructor(
    { client, payer }: JobParties,
    context: JobContext,
    listener: JobListener,
    names = new TaskNames(),
  ) {
    this.#tasks = names;
    this.#client = client;
    this.#context = context;
    this.#listener = listener;
    this.#escrow = new JobEscrow(client, { job: context.secret.signer, payer }, worstChargeOf(context.terms));
    this.#submitter = new Submitter(client, context, this.#escrow, {
      onSealed: (tasks) => this.#remember(tasks),
      onRefused: (indices, error) => this.#endAll(indices, error),
      onLate: () => void client.cancel(context.secret.signer).catch(() => undefined), // nobody waits for it any more
    });
    this.#incoming = new Incoming({
      client,
      context,
      names,
      resultsFolder: listener.resultsFolder,
      hasEnded: (index) => this.#ended.has(index),
      onCharge: (number, nanoAis) => !this.#paidBefore.has(number) && this.#submitter.settled(nanoAis),
      onResult: (result) => this.#receive(result as TaskResult<Output>),
      onJudged: (number, accepted) => this.#releaser.judged(number, accepted),
    });
    this.#replicas = new Replicas({
      context,
      find: (number) => this.#tasks.find(number),
      onSealed: (replica, of) => this.#addReplica(replica, of),
      onIdle: () => this.#finishIfDone(),
    });
    this.#releaser = new Releaser({
      client,
      secret: context.secret,
      requirements: context.terms.requirements,
      withShared: context.shared !== undefined,
      task: (number) => this.#tasks.find(number),
      finishedUpTo: () => this.#sequence,
      onFinished: (message) => this.#take(message),
      onMatched: (match) => this.#matched(match),
      onProgress: (progress) => this.#tell(progress),
      onDistrust: (reason) => listener.onDistrust?.(reason),
      onReplicate: (asked) => this.#replicas.replicate(asked),
      onChecking: (number) => this.#replicas.checking(number),
      onTaught: (number) => this.#replicas.taught(number),
      onChecked: (message) => this.#checked(message),
      onJudge: (message) => this.#incoming.asked(message),
      onLost: () => this.#replicas.lost(),
    });
    const { deadlineMs } = context.terms;
    if (deadlineMs !== undefined) {
      this.#deadline = setTimeout(() => this.#stop(deadlinePassed(deadlineMs)), deadlineMs);
    }
  }

  /** A new job: its program and shared input are sealed and uploaded, once, and its releaser is connected. */
  static async open<Output>(parties: JobParties, program: Program, options: JobOptions & JobListener) {
    const { client } = parties;
    const context = await newContext(client, program, options);
    const job = new Job<Output>(parties, context, options);
    await job.#releaser.start();
    return job;
  }

  /** Goes on with a job that an earlier process submitted, from its first result; `staysOpen`: also when all are here, until it is closed. */
  static async resume<Output>(
    parties: JobParties,
    saved: SavedJob,
    listener: JobListener = {},
    { staysOpen = false } = {},
  ): Promise<Job<Output>> {
    const context = savedContext(parties.client, saved);
    const tasks = TaskNames.from(saved);
    const job = new Job<Output>(parties, context, listener, tasks);
    job.#total = [...tasks.first()].length;
    if (staysOpen) job.#paidBefore = new Set(saved.tasks.map(({ number }) => number));
    else job.close();
    await job.#releaser.start();
    return job;
  }

  /** The job's name at the pool: its one-time key in hexadecimal. */
  get id(): string {
    return toHex(this.#context.secret.signer.publicKey);
  }

  get progress(): JobProgress {
    return {
      total: this.#total,
      finished: this.#ended.size,
      failed: this.#failed,
      spent: this.#submitter.spent,
      counts: this.#told.counts,
      agents: this.#told.agents,
      remainingMs: this.#told.remainingMs,
      taskMs: this.#taskMs,
    };
  }

  /**
   * Adds tasks; their results come with the indices that follow those given before.
   * @throws {AegisError} `bad-argument` where they are not whole gangs
   */
  add(inputs: readonly TaskValue[]): void {
    requireWholeGangs(this.#context.terms, inputs.length);
    const first = this.#total;
    this.#total += inputs.length;
    this.#submitter.add(inputs.map((value, position) => ({ index: first + position, value })));
  }

  /**
   * Runs one task and waits for it.
   * @throws {AegisError} why it failed
   */
  async run(input: TaskValue): Promise<Output> {
    const ended = new Promise<TaskResult<Output>>((resolve) => this.#onEnded.set(this.#total, resolve));
    this.add([input]);
    const result = await ended;
    if (result.ok) return result.value;
    throw result.error;
  }

  /** Nothing more will be added: iteration ends with the last result. */
  close(): void {
    this.#complete = true;
    this.#finishIfDone();
  }

  /** Stops every task that has not ended; iteration ends with an error for each. */
  cancel(): void {
    this.#stop(wasCancelled());
  }

  /** All outputs in the order of their inputs. @throws {AegisError} the first failure */
  async values(): Promise<Output[]> {
    const outputs: Output[] = [];
    for await (const result of this) {
      if (!result.ok) {
        this.cancel();
        throw result.error;
      }
      outputs[result.index] = result.value;
    }
    return outputs;
  }

  [Symbol.asyncIterator](): AsyncIterator<TaskResult<Output>> {
    return this.#results[Symbol.asyncIterator]();
  }

  async #save(): Promise<void> {
    await this.#listener.onSaved?.(toSaved(this.#client, this.#context, this.#tasks.toSaved()));
  }

  async #remember(tasks: readonly (SealedTask & { readonly index: number })[]): Promise<void> {
    this.#tasks.add(tasks);
    await this.#save();
  }

  async #addReplica(replica: Pick<SealedTask, "number" | "manifestHash">, first: TaskName): Promise<boolean> {
    if (!(await this.#submitter.coverReplica())) return false;
    this.#tasks.addReplica(replica, first);
    await this.#save();
    return true;
  }

  #checked(message: CheckedMessage): void {
    const { number, verdict, charged } = message;
    const name = this.#tasks.find(number);
    if (!name || name.isReplica) return;
    const check = { index: name.index, number, verdict, ...(charged && { charged }) };
    // what is handed out first: with the last check the job may end
    const told = this.#incoming.checked(message).then(() => this.#listener.onChecked?.(check));
    void told.then(() => this.#replicas.checked(number));
  }

  #take(message: FinishedMessage): void {
    this.#sequence = Math.max(this.#sequence, message.sequence);
    void this.#incoming.finished(message);
  }

  #receive(result: TaskResult<Output>): void {
    if (!result.ok && result.isContradicted)
      void openDispute(this.#client, this.#context, result.number).catch(() => undefined); // not used in any case
    if (this.#ended.has(result.index)) this.#listener.onCorrected?.(result);
    else this.#end(result);
  }

  #end(result: TaskResult<Output>): void {
    if (this.#ended.has(result.index)) return;
    this.#ended.add(result.index);
    if (!result.ok) this.#failed++;
    const waiting = this.#onEnded.get(result.index);
    this.#onEnded.delete(result.index);
    if (waiting) waiting(result);
    else this.#results.push(result);
    this.#listener.onProgress?.(this.progress);
    this.#stopIfCancelled();
    this.#finishIfDone();
  }

  /** Whoever has the job's file may have cancelled it: what had ended by then has been told, the rest never comes. */
  #stopIfCancelled(): void {
    const { cancelled = 0, completed = 0, failed = 0 } = this.#told.counts ?? {};
    if (!this.#stopped && cancelled > 0 && this.#ended.size >= completed + failed) this.cancel();
  }

  #endAll(indices: readonly number[], error: AegisError): void {
    for (const index of indices) this.#end(failedResult<Output>({ index, number: 0 }, error));
  }

  #stop(error: AegisError): void {
    this.#stopped = true;
    this.#releaser.cancel();
    this.#complete = true;
    this.#endAll(this.#submitter.clear(), error);
    for (const { index, number } of this.#tasks.first()) this.#end(failedResult<Output>({ index, number }, error));
    this.#replicas.lost();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#over || !this.#complete || this.#ended.size < this.#total) return;
    if (this.#replicas.areOpen) return this.#replicas.waitAtMost(this.#context.terms.requirements.timeLimitMs);
    this.#over = true;
    clearTimeout(this.#deadline);
    this.#releaser.close();
    void this.#escrow.giveBack().then(() => this.#results.end());
  }

  #matched({ number, agent, expectedMs }: ReleasedMatch): void {
    const name = this.#tasks.find(number);
    if (!name || name.isReplica) return;
    this.#taskMs = expectedMs;
    this.#listener.onMatched?.({ index: name.index, number, agent: toHex(agent), expectedMs });
  }

  #tell(progress: PoolProgress): void {
    this.#told = progress;
    this.#listener.onProgress?.(this.progress);
    this.#stopIfCancelled();
  }
}
