import { contentKey, judgedRuns, quorumOf, type TaskValue } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { LocalFile } from "../local-file.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { certificateOf } from "./certificate-of.js";
import { Judge } from "./judge.js";
import type { CheckedMessage, JudgeMessage } from "./releaser.js";
import {
  chargeOf,
  failedResult,
  type FinishedMessage,
  openFinished,
  type OpenableTask,
  type ResultJob,
  type TaskResult,
} from "./results.js";
import type { JobContext } from "./seal-task.js";
import { isHeld, type StandingResult, Standings } from "./standings.js";
import type { TaskName, TaskNames } from "./task-names.js";

/** Where results come from, and whom they go to. */
export interface IncomingParts {
  readonly client: PoolClient;
  readonly context: JobContext;
  readonly names: TaskNames;
  readonly resultsFolder: string | undefined;
  /** Whether a task's result has been handed out. */
  hasEnded(index: number): boolean;
  /** A run has ended, of a task or one that checks it, under this number, and cost so many nAIS. */
  onCharge(number: number, nanoAis: bigint): void;
  /** A result to hand out; where one has been before, that was wrong. */
  readonly onResult: (result: TaskResult<TaskValue | LocalFile>) => void;
  /** The pool is told which of a task's results are accepted. */
  readonly onJudged: (number: number, accepted: readonly number[]) => void;
}

/** Results as they come from the pool: each is verified, kept until it is known how it stands where it is held, opened, and handed out. */
export class Incoming {
  readonly #parts: IncomingParts;
  readonly #standings = new Standings();
  /** Undefined where the job judges none of its results. */
  readonly #judge: Judge | undefined;

  constructor(parts: IncomingParts) {
    this.#parts = parts;
    this.#judge = judgedRuns(parts.context.terms.requirements) === undefined ? undefined : this.#newJudge();
  }

  /** A run has ended. */
  async finished(message: FinishedMessage): Promise<void> {
    const name = this.#parts.names.find(message.number);
    if (!name || (this.#parts.hasEnded(name.index) && !name.isReplica)) return;
    this.#parts.onCharge(message.number, chargeOf(message, this.#openable(name), this.#job));
    if (this.#judge && isHeld(message)) return this.#judge.result(name.keysOf, message);
    if (name.isReplica) return this.#standings.replica(name.keysOf, message);
    const standing = isHeld(message)
      ? this.#standings.result(message)
      : { message, standing: "unchecked" as const, others: [] };
    if (standing) await this.#give(standing);
  }

  /** It is known how a result stands; resolves when what follows is handed out. */
  async checked(message: CheckedMessage): Promise<void> {
    this.#judge?.told(message);
    if (!quorumOf(this.#parts.context.terms.requirements)) return;
    const standing = this.#standings.verdict(message);
    if (standing) await this.#give(standing);
  }

  /** The pool asks which results of a task are accepted. */
  asked(message: JudgeMessage): void {
    this.#judge?.asked(message);
  }

  #newJudge(): Judge {
    const { names, onJudged, onResult } = this.#parts;
    const openable = (number: number) => {
      const name = names.find(number);
      return name && this.#openable(name);
    };
    return new Judge({ job: this.#job, openable, onJudged, onResult });
  }

  async #give({ message, standing, others }: StandingResult): Promise<void> {
    const name = this.#parts.names.find(message.number);
    if (!name) return;
    let plain: Uint8Array | undefined;
    const task = { ...this.#openable(name), onPlain: (bytes: Uint8Array) => (plain = bytes) };
    const opened = await openFinished(message, task, this.#job).catch((error: unknown) => failedResult(task, error));
    const { plainHash } = this.#parts.names.find(name.keysOf) ?? name;
    const { contentKey: content } = task;
    const certificate =
      plain && certificateOf([message, ...others], { plain, content, input: plainHash }, this.#parts.context);
    this.#parts.onResult({ ...opened, standing, ...(certificate && { certificate }) } as TaskResult<
      TaskValue | LocalFile
    >);
  }

  get #job(): ResultJob {
    const { client, context, resultsFolder } = this.#parts;
    return { client, terms: context.terms, resultsFolder };
  }

  #openable({ index, number, manifestHash, keysOf }: TaskName): OpenableTask {
    const key = contentKey(this.#parts.context.secret.secret, keysOf, primitives);
    return { index, number, manifestHash, contentKey: key };
  }
}
