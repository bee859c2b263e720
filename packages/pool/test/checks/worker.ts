import {
  type AgentKeys,
  agentKeys,
  type AgentLink,
  type ResultChange,
  ScriptedAgent,
} from "../../../../test/fixtures/scripted-agent.js";
import { Account, type TestPool } from "../../../../test/fixtures/test-pool.js";

interface WorkerOptions extends Pick<ResultChange, "committed" | "inline" | "statement"> {
  readonly shows?: boolean;
  readonly isFirst?: boolean;
  readonly keys?: AgentKeys;
}

/** An agent of an operator of its own that answers every task alike, and shows what it has when it is asked. */
export class Worker {
  readonly agent: ScriptedAgent;
  readonly link: AgentLink;
  readonly numbers: number[] = [];
  /** What it answers from now on. */
  output: Uint8Array;
  /** How its runs end from now on. */
  outcome: "completed" | "threw" = "completed";
  /** How long each of its runs takes, by the pool's clock, in ms. */
  ms = 1_000;
  readonly #pool: TestPool;
  #change: Pick<ResultChange, "committed" | "inline" | "statement"> = {};
  #over = false;

  private constructor(pool: TestPool, agent: ScriptedAgent, link: AgentLink, output: Uint8Array) {
    this.#pool = pool;
    this.agent = agent;
    this.link = link;
    this.output = output;
  }

  /**
   * @param shows whether it shows what it has committed to
   * @param isFirst whether it is the cheapest, and so the first to run a task, if it has nothing else to do
   */
  static async start(
    pool: TestPool,
    output: Uint8Array,
    { shows = true, isFirst = false, keys = agentKeys(), ...change }: WorkerOptions = {},
  ): Promise<Worker> {
    const offer = isFirst ? { floorPrice: "2000" } : {};
    const { agent, link } = await ScriptedAgent.ready(pool, { keys, offer });
    const worker = new Worker(pool, agent, link, output);
    worker.#change = change;
    return Worker.#begin(worker, shows);
  }

  /** The same agent, after its connection was lost. */
  async again(output = this.output, shows = true): Promise<Worker> {
    const link = await this.agent.connect();
    link.send({ type: "capacity", leases: 1 });
    return Worker.#begin(new Worker(this.#pool, this.agent, link, output), shows);
  }

  static #begin(worker: Worker, shows: boolean): Worker {
    void worker.#serve();
    if (shows) void worker.#show();
    return worker;
  }

  /** What its operator has. */
  get account(): Account {
    return new Account(this.#pool.client, this.agent.keys.operator);
  }

  get operator(): string {
    return this.agent.operator;
  }

  async #serve(): Promise<void> {
    while (!this.#over) {
      const task = await this.agent.take().catch(() => undefined);
      const keys = task && (await this.agent.keysOf(task).catch(() => undefined));
      if (!task || !keys) return;
      this.numbers.push(task.number);
      this.#pool.clock.advance(this.ms);
      const statement = { outcome: this.outcome, ...this.#change.statement };
      this.agent.answer(task, keys, { output: this.output, ...this.#change, statement });
    }
  }

  async #show(): Promise<void> {
    while (!this.#over) await this.agent.reveal().catch(() => (this.#over = true));
  }
}
