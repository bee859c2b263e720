import {
  chargedPrice,
  costOf,
  expectedRuns,
  type PinnedRoot,
  type QuorumCertificate,
  type Signer,
  type TaskValue,
} from "@aegis-pool/core";
import { certifyResult } from "./job/certify.js";
import { disputeResult, type DisputeOutcome } from "./job/dispute.js";
import { Job } from "./job/job.js";
import type { JobListener } from "./job/job-listener.js";
import type { SavedJob } from "./job/saved-job.js";
import { type JobOptions, jobTerms, pricedAs, worstChargeOf } from "./options.js";
import type { AgentRating, PoolDescription } from "./pool-client/answers.js";
import { PoolClient } from "./pool-client/pool-client.js";
import { functionProgram, type Program, type StandaloneFunction } from "./program.js";

/** What a job would cost and how long it would take, before it is submitted. */
export interface Estimate {
  /** Tasks that would run at the same time, if nobody else asked. */
  readonly slots: number;
  /** ms until the last is done, at `secondsPerTask` each; undefined where nobody offers the engine now. */
  readonly durationMs: number | undefined;
  /** nAIS at the lowest floor price and the mean speed, with the runs that check others once agents are trusted. */
  readonly likely: bigint | undefined;
  /** nAIS that cannot be exceeded, by the job's own bounds; of a verified job only where operators disagree about each task to the end. */
  readonly most: bigint;
}

/** How a requester meets a pool. */
export interface ConnectOptions {
  /** The key the pool must have, in hexadecimal; without it the key it shows now is taken. */
  readonly key?: string | undefined;
  /** The key of the account that pays for jobs, as {@link openAccountKey} opens it; without it only free work is done. */
  readonly account?: Signer | undefined;
  /** For tests, and for who makes processors: whose word is taken about what an attested machine is. AMD's pinned roots by default. */
  readonly attestationRoots?: readonly PinnedRoot[] | undefined;
}

/** A pool, as a requester uses it. */
export class Pool {
  readonly client: PoolClient;
  readonly #account: Signer | undefined;

  private constructor(client: PoolClient, account: Signer | undefined) {
    this.client = client;
    this.#account = account;
  }

  /**
   * @param url such as http://127.0.0.1:7700
   * @throws {AegisError} `bad-argument`, `pool-unreachable`, `pool-key-changed`
   */
  static async connect(url: string, { key, account, attestationRoots }: ConnectOptions = {}): Promise<Pool> {
    return new Pool(await PoolClient.connect(url, key, attestationRoots), account);
  }

  /** What the pool is, and what its agents offer now. */
  describe(): Promise<PoolDescription> {
    return this.client.describe();
  }

  /** The last hundred ratings of an agent, by its key in hexadecimal, the newest first. */
  ratingsOf(agent: string): Promise<readonly AgentRating[]> {
    return this.client.ratingsOf(agent);
  }

  /**
   * Runs a program, or a function that stands alone, once for each input, on other people's machines. Iterate over the
   * job for results as they come, or wait for `values()`.
   * @throws {AegisError} `bad-argument` for an option out of range
   */
  async map<Output = TaskValue, Input extends TaskValue = TaskValue>(
    program: Program | StandaloneFunction<Input, Output>,
    inputs: readonly Input[],
    options: JobOptions & JobListener = {},
  ): Promise<Job<Output>> {
    const job = await this.open<Output>(typeof program === "function" ? functionProgram(program) : program, options);
    job.add(inputs);
    job.close();
    return job;
  }

  /** A job to which tasks are added one after another, by `run` or `add`, until it is closed. */
  open<Output = TaskValue>(program: Program, options: JobOptions & JobListener = {}): Promise<Job<Output>> {
    return Job.open<Output>({ client: this.client, payer: this.#account }, program, options);
  }

  /** Goes on with a job that was submitted before. */
  resume<Output = TaskValue>(saved: SavedJob, listener: JobListener = {}): Promise<Job<Output>> {
    return Job.resume<Output>({ client: this.client, payer: this.#account }, saved, listener);
  }

  /**
   * Disputes the result of one task of a job that was submitted before, and waits until it is known who is right.
   * @throws {AegisError} `bad-argument`, `dispute-refused`, `not-found`
   */
  dispute(saved: SavedJob, index: number): Promise<DisputeOutcome> {
    return disputeResult({ client: this.client, payer: this.#account }, saved, index);
  }

  /**
   * The certificate of a task's result, of a job that was submitted before and asked for certificates.
   * @throws {AegisError} `bad-argument`
   */
  certify(saved: SavedJob, index: number): Promise<QuorumCertificate> {
    return certifyResult(this.client, saved, index);
  }

  /** What `tasks` tasks would cost, if each runs for `secondsPerTask` on one slot. */
  async estimate(program: Program, tasks: number, secondsPerTask: number, options: JobOptions = {}): Promise<Estimate> {
    const terms = jobTerms(program, options);
    const { offers } = await this.describe();
    const offer = offers.find(({ engine }) => engine === program.engine);
    const runs = expectedRuns(terms.requirements);
    const most = worstChargeOf(terms) * BigInt(tasks * runs.most);
    if (!offer) return { slots: 0, durationMs: undefined, likely: undefined, most };
    const part = (terms.requirements.card?.thousandths ?? 1_000) / 1_000;
    const work = Math.min(terms.maxWork, Math.ceil(offer.speed * part * secondsPerTask));
    const price = chargedPrice(BigInt(offer.floorPrice), pricedAs(terms));
    const likely = costOf(work, price) * BigInt(Math.ceil(tasks * runs.likely));
    const rounds = Math.ceil((tasks * runs.likely) / offer.slots);
    return { slots: offer.slots, durationMs: rounds * secondsPerTask * 1_000, likely, most };
  }
}
