import { createHash, randomBytes } from "node:crypto";
import { openTrading, type Trading } from "@aegis-pool/pool";
import { ClosedLoop } from "./closed-loop.js";
import { DirectAgent } from "./direct-agent.js";
import { DirectJob } from "./direct-job.js";

const counts = { agents: 25, jobs: 4 } as const;

/** A pool's whole market, called directly, with agents and requesters that do nothing but what the protocol asks of them. */
export class OwnMarket {
  readonly #trading: Trading;
  readonly #jobs: readonly DirectJob[];

  private constructor(trading: Trading, jobs: readonly DirectJob[]) {
    this.#trading = trading;
    this.#jobs = jobs;
  }

  static async open(directory: string): Promise<OwnMarket> {
    const trading = await openTrading(directory, (error) => {
      throw error;
    });
    const program = randomBytes(64);
    const hash = createHash("sha256").update(program).digest();
    await trading.blobs.append(hash.toString("hex"), 0, bytes(program));
    await trading.blobs.complete(hash.toString("hex"));
    const jobs: DirectJob[] = [];
    for (let index = 0; index < counts.jobs; index++) jobs.push(await DirectJob.open(trading, hash));
    return new OwnMarket(trading, jobs);
  }

  get database(): Trading["database"] {
    return this.#trading.database;
  }

  /** @returns seconds for `total` tasks, of which `inFlight` are submitted and unfinished at a time */
  async run(total: number, inFlight: number): Promise<number> {
    const agents: DirectAgent[] = [];
    const room = Math.ceil(inFlight / counts.agents);
    for (let index = 0; index < counts.agents; index++) agents.push(await DirectAgent.connect(this.#trading, room));
    const jobs = this.#jobs.map((job) => ({ job, tasks: job.prepare(Math.ceil(total / this.#jobs.length)) }));
    let submitted = 0;
    const submit = (count: number) => {
      const from = submitted;
      submitted += count;
      return Promise.all(jobs.map(({ job, tasks }, at) => job.submit(tasks.splice(0, turnsOf(at, from, submitted)))));
    };
    const loop = new ClosedLoop({ total, inFlight, submit });
    this.#trading.market.transitions.effects.onOutcome = () => loop.ended(1);
    const seconds = await loop.run();
    for (const agent of agents) agent.disconnect();
    return seconds;
  }

  /** @throws where the books do not balance, or a task has no receipt */
  async requireReceipts(tasks: number): Promise<void> {
    const totals = await this.#trading.ledger.totals();
    const sum = Object.values(totals).reduce((total, amount) => total + amount, 0n);
    const { rows } = await this.database.query<{ receipts: number }>(
      "SELECT count(*) AS receipts FROM outcomes WHERE receipt IS NOT NULL",
    );
    if (sum !== 0n || rows[0]?.receipts !== tasks) {
      throw new Error(`the books are off by ${sum}; ${rows[0]?.receipts} of ${tasks} tasks have receipts`);
    }
  }

  close(): Promise<void> {
    return this.#trading.close();
  }
}

/** How many of the turns `from` to `to`, not included, are those of job `at`: they submit in turn. */
function turnsOf(at: number, from: number, to: number): number {
  const before = (turn: number) => Math.ceil((turn - at) / counts.jobs);
  return before(to) - before(from);
}

async function* bytes(all: Uint8Array): AsyncIterable<Uint8Array> {
  yield all;
}
