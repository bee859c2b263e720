import { type Verification, verificationRules } from "@aegis-pool/core";
import { type CheckVerdict, insertCheck, type TrustRow, writeTrust } from "../../store/trust-rows.js";
import type { GroupCommit } from "../group-commit.js";
import { type PoolRun, runnerOf } from "./open-check.js";

/** What checks were about, and what is known of agents by them: kept for their operators to read, and for the next start. */
export class CheckRecords {
  readonly #verification: Verification<PoolRun>;
  readonly #commit: Pick<GroupCommit, "submit">;
  readonly #now: () => number;
  /** Runners of whom more is known than is written. */
  readonly #unwritten = new Map<string, Pick<TrustRow, "agent" | "engine">>();
  /** Runners that were no novices when they were last written. */
  readonly #trusted = new Set<string>();
  /** A novice is one no longer. */
  onTrusted: (agent: string) => void = () => undefined;

  constructor(verification: Verification<PoolRun>, commit: Pick<GroupCommit, "submit">, now: () => number) {
    this.#verification = verification;
    this.#commit = commit;
    this.#now = now;
  }

  /** What is known of an agent's results with one engine. */
  trustOf(agent: string, engine: string): TrustRow {
    const { valid, passed, disproved } = this.#verification.trustOf(runnerOf(agent, engine));
    return { agent, engine, valid, passed, disproved };
  }

  /** More is known of a runner, which is written with the next sweep. */
  changed(run: PoolRun): void {
    this.#unwritten.set(run.runner, run);
  }

  async writeChanged(): Promise<void> {
    const unwritten = [...this.#unwritten.values()];
    this.#unwritten.clear();
    await Promise.all(unwritten.map(({ agent, engine }) => this.#write(agent, engine)));
  }

  /** What a check meant for an agent; resolves when it is written. */
  async keep({ agent, engine, number }: PoolRun, verdict: CheckVerdict, runs: number): Promise<void> {
    const { valid } = this.trustOf(agent, engine);
    const row = { agent, engine, number, verdict, runs, valid, at: this.#now() };
    const kept = this.#commit.submit(insertCheck, row);
    await Promise.all([kept, this.#write(agent, engine)]).catch(() => undefined); // a failed commit stops the pool
  }

  #write(agent: string, engine: string): Promise<unknown> {
    const row = this.trustOf(agent, engine);
    this.#noteTrust(agent, engine, row.valid >= verificationRules.noviceResults);
    return this.#commit.submit(writeTrust, row).catch(() => undefined); // as above
  }

  #noteTrust(agent: string, engine: string, isTrusted: boolean): void {
    const runner = runnerOf(agent, engine);
    const was = this.#trusted.has(runner);
    if (isTrusted) this.#trusted.add(runner);
    else this.#trusted.delete(runner);
    if (isTrusted && !was) this.onTrusted(agent);
  }
}
