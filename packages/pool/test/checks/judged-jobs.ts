import type { ToReleaser } from "@aegis-pool/core";
import { fundedKey } from "../../../../test/fixtures/accounts.js";
import { type ReleaserLink, ScriptedRequester } from "../../../../test/fixtures/scripted-requester.js";
import { Account, type TestPool } from "../../../../test/fixtures/test-pool.js";
import { type Job, type JobOptions, jsProgram, Pool, type TaskCheck, type TaskResult } from "../../../sdk/src/index.js";
import type { Worker } from "./worker.js";

const program = jsProgram("export default () => 'answered by a script';");

/** Runs a job whose results its own process judges; @returns what it gives out, what the pool says of it, and its account. */
export async function runJudged(pool: TestPool, verify: JobOptions["verify"], inputs: Parameters<Job["add"]>[0]) {
  const account = await fundedKey(pool.client);
  const checks: TaskCheck[] = [];
  const requester = await Pool.connect(pool.url, { account });
  const job = await requester.open(program, { verify, onChecked: (check) => checks.push(check) });
  job.add(inputs);
  job.close();
  const results: TaskResult<unknown>[] = [];
  for await (const result of job) results.push(result);
  return { results, checks, balance: () => new Account(pool.client, account).balance() };
}

export type JudgeMessage = Extract<ToReleaser, { type: "judge" }>;

/** A requester that says of results whatever a test tells it. */
export class HandJudge {
  readonly requester: ScriptedRequester;
  readonly link: ReleaserLink;

  private constructor(requester: ScriptedRequester, link: ReleaserLink) {
    this.requester = requester;
    this.link = link;
  }

  static async open(pool: TestPool, verify: JobOptions["verify"]): Promise<HandJudge> {
    const requester = await ScriptedRequester.create(pool.client, { verify });
    return new HandJudge(requester, await requester.connect());
  }

  /** The same requester, after its connection was lost. */
  static async again({ requester }: HandJudge): Promise<HandJudge> {
    return new HandJudge(requester, await requester.connect());
  }

  /** Submits a task and releases its keys to whoever runs it; resolves when its first run has ended. @returns its number */
  async begin(): Promise<{ readonly number: number; readonly replicate: () => Promise<void> }> {
    const [first] = await this.requester.submit(["input"]);
    if (!first) throw new Error("a task was submitted");
    await this.requester.releaseNext(this.link);
    await this.link.next("finished", ({ number }) => number === first.number);
    const replicate = async () => {
      const { of } = await this.link.next("replicate", (asked) => asked.of === first.number);
      const [replica] = this.requester.seal([], {}, first);
      if (!replica) throw new Error("a replica was sealed");
      this.link.send({ type: "replica", of, manifest: replica.manifest });
      await this.requester.releaseNext(this.link);
      await this.link.next("finished", ({ number }) => number === replica.number);
    };
    return { number: first.number, replicate };
  }

  /** A task with so many runs, until the pool asks what the requester makes of them. */
  async task(runs: number): Promise<JudgeMessage> {
    const { number, replicate } = await this.begin();
    for (let run = 1; run < runs; run++) await replicate();
    return this.link.next("judge", (asked) => asked.number === number);
  }

  say(number: number, accepted: number[]): void {
    this.link.send({ type: "judged", number, accepted });
  }

  /** What the pool makes of it. */
  async judge(number: number, accepted: number[]) {
    this.say(number, accepted);
    return this.link.next("checked", (checked) => checked.number === number);
  }
}

/** What has become of each of a worker's runs, by the pool's signed statements; undefined: it is held. */
export async function fates({ account }: Worker): Promise<(string | undefined)[]> {
  const verdicts: (string | undefined)[] = [];
  for await (const { settlement } of account.earnings()) verdicts.push(settlement?.verdict);
  return verdicts;
}

/** The same of all of them, in no order. */
export async function allFates(workers: readonly Worker[]): Promise<string[]> {
  return (await Promise.all(workers.map(fates))).flat().map(String).sort();
}
