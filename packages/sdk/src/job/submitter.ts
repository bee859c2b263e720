import { AegisError, type TaskValue } from "@aegis-pool/core";
import { worstChargeOf } from "../options.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { patiently } from "../pool-client/patiently.js";
import type { JobEscrow } from "./job-escrow.js";
import { type JobContext, type SealedTask, sealTasks } from "./seal-task.js";

/** Tasks per request, and one whole gang at least: each request waits for the one before. */
const tasksPerRequest = 256;

type IndexedTask = SealedTask & { readonly index: number };

/** One input that waits to become a task. */
interface WaitingInput {
  readonly index: number;
  readonly value: TaskValue;
}

/** What a submitter tells. */
export interface SubmitterEvents {
  /** Tasks are sealed and about to be sent; what must be kept is kept before this resolves. */
  onSealed(tasks: readonly IndexedTask[]): Promise<void>;
  /** Inputs that will not be sent, and why. */
  onRefused(indices: readonly number[], error: AegisError): void;
  /** Something was still on its way to the pool when the job was stopped. */
  onLate(): void;
}

/**
 * Seals inputs and submits them, at most as many at a time as the budget can pay at their worst. What is settled for
 * less makes room for more.
 */
export class Submitter {
  readonly #client: PoolClient;
  readonly #context: JobContext;
  readonly #escrow: JobEscrow;
  readonly #events: SubmitterEvents;
  readonly #waiting: WaitingInput[] = [];
  #running = false;
  #stopped = false;
  #unsettled = 0;
  #spent = 0n;

  constructor(client: PoolClient, context: JobContext, escrow: JobEscrow, events: SubmitterEvents) {
    this.#client = client;
    this.#context = context;
    this.#escrow = escrow;
    this.#events = events;
  }

  /** nAIS charged so far. */
  get spent(): bigint {
    return this.#spent;
  }

  add(inputs: readonly WaitingInput[]): void {
    this.#waiting.push(...inputs);
    this.#advance();
  }

  /** One submitted task has ended and cost `charge` nAIS. */
  settled(charge: bigint): void {
    this.#unsettled--;
    this.#spent += charge;
    this.#escrow.settled(1, charge);
    this.#advance();
  }

  /** Sets aside what one more run of a task may cost; @returns whether budget and account have it. */
  async coverReplica(): Promise<boolean> {
    if (this.#affordable() < 1) return false;
    this.#unsettled++;
    const covered = await this.#escrow.cover(1).catch(() => 0);
    this.#unsettled -= 1 - covered;
    return covered > 0;
  }

  /** Drops what has not been sent; what is being sent now is cancelled when it has arrived. */
  clear(): readonly number[] {
    this.#stopped = true;
    return this.#waiting.splice(0).map(({ index }) => index);
  }

  #advance(): void {
    if (!this.#running) void this.#submitAll();
  }

  async #submitAll(): Promise<void> {
    this.#running = true;
    for (;;) {
      const batch = await this.#nextBatch();
      if (batch.length === 0) break;
      await this.#submit(batch);
    }
    this.#running = false;
    if (this.#stopped) this.#events.onLate();
    const stuck = this.#waiting.length > 0 && this.#unsettled === 0;
    if (stuck) this.#refuseWaiting(budgetExceeded(this.#spent));
  }

  /** The next inputs that budget and account can pay for at their worst; none where that has to wait for what runs. */
  async #nextBatch(): Promise<readonly WaitingInput[]> {
    const size = this.#wholeGangs(Math.min(tasksPerRequest, this.#affordable(), this.#waiting.length));
    if (size === 0) return [];
    // as many are unsettled from here on, whatever becomes of them: the account is asked meanwhile
    this.#unsettled += size;
    try {
      const covered = await this.#escrow.cover(size);
      this.#unsettled -= size - covered;
      const batch = this.#waiting.splice(0, this.#wholeGangs(covered)); // fewer where the job was stopped meanwhile
      this.#dropped(covered - batch.length);
      return batch;
    } catch (error) {
      this.#unsettled -= size;
      if (this.#unsettled === 0) this.#refuseWaiting(error);
      return [];
    }
  }

  /** Part of a gang would wait for the rest for ever. */
  #wholeGangs(tasks: number): number {
    return tasks - (tasks % this.#context.terms.gang);
  }

  /** Covered tasks that the pool does not have. */
  #dropped(tasks: number): void {
    this.#unsettled -= tasks;
    this.#escrow.settled(tasks, 0n);
  }

  #refuseWaiting(error: unknown): void {
    const indices = this.#waiting.splice(0).map(({ index }) => index);
    this.#events.onRefused(indices, error instanceof AegisError ? error : unexpected(error));
  }

  #affordable(): number {
    const { budget } = this.#context.terms;
    if (budget === undefined) return tasksPerRequest;
    const worst = worstChargeOf(this.#context.terms);
    const free = budget - this.#spent - worst * BigInt(this.#unsettled);
    return free < worst ? 0 : Number(free / worst);
  }

  async #submit(batch: readonly WaitingInput[]): Promise<void> {
    try {
      const tasks = sealTasks(
        batch.map(({ value }) => value),
        this.#context,
        batch[0]?.index,
      );
      const sealed = tasks.map((task, at) => ({ ...task, index: batch[at]?.index ?? 0 }));
      await this.#events.onSealed(sealed);
      this.#refuse(await this.#deliver(sealed));
    } catch (error) {
      this.#dropped(batch.length);
      const indices = batch.map(({ index }) => index);
      this.#events.onRefused(indices, error instanceof AegisError ? error : unexpected(error));
    }
  }

  /** Sends sealed tasks until the pool has them; @returns those whose numbers others have taken. */
  async #deliver(sealed: readonly IndexedTask[]): Promise<IndexedTask[]> {
    const tasks = sealed.map(({ manifest, input, inline }) => ({ manifest, input: inline ? input : undefined }));
    const send = async (): Promise<IndexedTask[]> => {
      for (const task of sealed) if (!task.inline) await this.#client.upload(task.input);
      const taken = new Set(await this.#client.submit(this.#context.secret.signer, tasks));
      return sealed.filter(({ number }) => taken.has(number));
    };
    return patiently(send, () => !this.#stopped);
  }

  #refuse(taken: readonly IndexedTask[]): void {
    for (const { index, number } of taken) {
      this.#dropped(1);
      this.#events.onRefused([index], numberTaken(number));
    }
  }
}

function budgetExceeded(spent: bigint): AegisError {
  return new AegisError({
    code: "budget-exceeded",
    message: `The budget does not pay for one more task, or gang of tasks, at its worst; ${spent} nAIS are spent.`,
    next: "Raise the budget, or lower the time limit, the top price or maxWork, which bound what a task can cost.",
  });
}

function numberTaken(number: number): AegisError {
  return new AegisError({
    code: "task-number-taken",
    message: `Another task at this pool has the number ${number}, which was drawn at random for this one.`,
    next: "Submit the input again: it gets another number. If that happens twice, do not trust this pool.",
  });
}

function unexpected(cause: unknown): AegisError {
  return new AegisError({
    code: "internal",
    message: `The task could not be submitted: ${cause instanceof Error ? cause.message : String(cause)}.`,
    next: "Try again; report it if it happens twice.",
    cause,
  });
}
