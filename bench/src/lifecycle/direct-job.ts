import { randomBytes, randomInt } from "node:crypto";
import {
  nanoAisPerAis,
  readStatement,
  type Requirements,
  type Signed,
  signStatement,
  signStatements,
  type TaskManifest,
  taskManifest,
  toHex,
  type ToReleaser,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import type { Trading } from "@aegis-pool/pool";

type SubmittedTask = Parameters<Trading["market"]["submissions"]["submit"]>[1][number];

/** As many as a requester's own code puts under one signature. */
const manifestsPerSignature = 16;
/** Nothing is sealed here: an agent that runs nothing opens nothing. */
const input = new Uint8Array(64);
const inputHash = primitives.sha256(input);
const [encapsulated, sealed] = [new Uint8Array(32), new Uint8Array(48)];

const plain: Requirements = { engine: "js", memoryBytes: 256 * 1024 ** 2, timeLimitMs: 60_000, outputBytes: 65_536 };

/** What a job asks for beyond the plain, and whom it tells what it hears beside matches. */
export interface DirectJobOptions {
  readonly requirements?: Partial<Requirements>;
  readonly onMessage?: (job: DirectJob, message: ToReleaser) => void;
}

/** What the manifests of all tasks say of their keys. */
export const taskKeys = inputHash;

/** A job without a network: its tasks are signed in advance, and it releases every key at once. */
export class DirectJob {
  readonly #trading: Trading;
  readonly #signer = createEd25519Signer();
  readonly #program: Uint8Array;
  readonly #options: DirectJobOptions;

  private constructor(trading: Trading, program: Uint8Array, options: DirectJobOptions) {
    this.#trading = trading;
    this.#program = program;
    this.#options = options;
  }

  /** A job with enough money for whatever comes, whose releaser is there. @param program SHA-256 of a blob that the pool has */
  static async open(trading: Trading, program: Uint8Array, options: DirectJobOptions = {}): Promise<DirectJob> {
    const job = new DirectJob(trading, program, options);
    const { market, ledger } = trading;
    const account = createEd25519Signer().publicKey;
    const amount = String(1_000n * nanoAisPerAis);
    const asked = { account, pool: trading.signer.publicKey, amount, signedAt: Date.now() };
    await ledger.fund({ ...asked, key: randomBytes(16) });
    await market.funds.reserve({ ...asked, job: job.#signer.publicKey, key: randomBytes(16) });
    const live = await market.jobs.open(job.#signer.publicKey);
    market.jobs.attach(live, {
      close: (reason) => {
        throw new Error(`the market closes a requester's connection: ${reason}`);
      },
      tellProgress: () => undefined,
      aliasOf: () => 0,
      send: (message) => job.#receive(message),
    });
    return job;
  }

  /** So many new tasks, signed. */
  prepare(count: number): SubmittedTask[] {
    const tasks: SubmittedTask[] = [];
    while (tasks.length < count) {
      const statements = Array.from({ length: Math.min(manifestsPerSignature, count - tasks.length) }, () =>
        this.#task(),
      );
      const signed = signStatements(taskManifest, statements, this.#signer, primitives);
      tasks.push(...signed.map((manifest) => ({ manifest, input })));
    }
    return tasks;
  }

  /** Resolves when all of `tasks` wait, durably. */
  async submit(tasks: readonly SubmittedTask[]): Promise<void> {
    if (tasks.length === 0) return;
    const { queued } = await this.#trading.market.submissions.submit(toHex(this.#signer.publicKey), tasks);
    if (queued !== tasks.length) throw new Error(`of ${tasks.length} tasks ${queued} were queued`);
  }

  /** As the market knows it. */
  get live(): ReturnType<Trading["market"]["board"]["job"]> {
    return this.#trading.market.board.job(this.#signer.publicKey);
  }

  /** Another number of a task, signed. */
  replica(first: Signed): Signed {
    const statement = readStatement(taskManifest, first);
    if (!statement) throw new Error("the market asks for another run of what is no task");
    return signStatement(taskManifest, { ...statement, number: newNumber() }, this.#signer);
  }

  #receive(message: ToReleaser): void {
    this.#options.onMessage?.(this, message);
    if (message.type !== "matched") return;
    const { number, fence } = message;
    const refusal = this.#trading.market.leases.release(this.live, {
      type: "key",
      number,
      fence,
      encapsulated,
      sealed,
    });
    if (refusal) throw new Error(`the market refuses a key: ${refusal}`);
  }

  #task(): TaskManifest {
    return {
      number: newNumber(),
      job: this.#signer.publicKey,
      pool: this.#trading.signer.publicKey,
      requirements: { ...plain, ...this.#options.requirements },
      program: this.#program,
      input: inputHash,
      keys: inputHash,
      maxPrice: "4000",
      maxWork: 1_000_000,
    };
  }
}

function newNumber(): number {
  return randomInt(1, 2 ** 48 - 1);
}
