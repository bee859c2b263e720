import { protocolLimits } from "@aegis-pool/core";

/** A sandbox that has a job's program loaded. */
interface Opened {
  readonly job: string;
  /** When a task last began or ended in it, ms since 1970. */
  readonly at: number;
}

/** A task that is about to go to an agent. */
export interface GoingTask {
  /** The agent's and the job's keys in hexadecimal. */
  readonly agent: string;
  readonly job: string;
  /** Tasks that the agent runs at the same time. */
  readonly slots: number;
  /** Other tasks of the job that it holds. */
  readonly held: number;
}

/**
 * Which jobs' programs agents have loaded, as far as the pool can tell from what it gave them: a sandbox stays with its job
 * for a while after the last task. The first task in a fresh one takes longer than those that follow.
 */
export class Sandboxes {
  /** Of each agent as many as it has slots, the one used last at the end. */
  readonly #byAgent = new Map<string, readonly Opened[]>();

  /** A task goes to its agent; @returns whether a fresh sandbox has to be started for it */
  take({ agent, job, slots, held }: GoingTask, now: number): boolean {
    const opened = (this.#byAgent.get(agent) ?? []).filter(
      (each) => now - each.at < protocolLimits.sandboxIdleMs || (each.job === job && held > 0),
    );
    const own = opened.filter((each) => each.job === job).length;
    const fresh = own <= held && held < slots; // one that waits for a slot gets that of its own job
    if (fresh) this.#byAgent.set(agent, [...opened, { job, at: now }].slice(-slots));
    else this.used(agent, job, now);
    return fresh;
  }

  /** A task of the job has ended there. */
  used(agent: string, job: string, now: number): void {
    const opened = this.#byAgent.get(agent) ?? [];
    const own = opened.filter((each) => each.job === job).map(() => ({ job, at: now }));
    this.#byAgent.set(agent, [...opened.filter((each) => each.job !== job), ...own]);
  }

  /** The agent is gone: what it keeps meanwhile is not known. */
  forget(agent: string): void {
    this.#byAgent.delete(agent);
  }
}
