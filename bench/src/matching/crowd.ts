import { type AgentTerms, type EngineName, Matching, type TaskGroup } from "@aegis-pool/core";

const engines: EngineName[] = ["js", "wasm", "onnx"];
/** Tasks of one job. */
const tasksPerJob = 10;

/** A market of `size` agents and as many waiting tasks, no two agents and no two jobs alike. */
export class Crowd {
  readonly matching = new Matching();
  readonly agents: readonly AgentTerms[];
  readonly #random: () => number;
  #tasks = 0;
  #job: TaskGroup | undefined;

  constructor(size: number, random: () => number) {
    this.#random = random;
    this.agents = Array.from({ length: size }, (_, index) => this.#terms(index));
    for (const terms of this.agents) this.matching.addAgent(terms);
    for (let task = 0; task < size; task++) this.addTask();
    this.matching.decide(0);
  }

  /** Another task of the last job, or the first of another. */
  addTask(): void {
    const number = ++this.#tasks;
    if (!this.#job || number % tasksPerJob === 1) this.#job = this.#openJob(number);
    this.matching.wait(this.#job, { number, age: number, returned: false });
  }

  /** An agent ends a task, takes another, and a new task comes: the steady state of a busy market. @returns assignments */
  step(): number {
    const { agent } = this.agents[Math.floor(this.#random() * this.agents.length)] ?? { agent: "" };
    this.matching.setRoom(agent, 1);
    const first = this.matching.decide(0).length;
    this.addTask();
    return first + this.matching.decide(0).length;
  }

  #terms(index: number): AgentTerms {
    return {
      agent: `agent-${index}`,
      operator: `operator-${index >> 2}`,
      isBonded: false,
      proven: undefined,
      parts: undefined,
      floorPrice: 2_000 + Math.floor(this.#random() * 1_500),
      offer: {
        class: "cpu",
        engines,
        slots: 1 + Math.floor(this.#random() * 8),
        memoryBytes: Math.floor(2 ** (28 + 8 * this.#random())),
      },
    };
  }

  /** Jobs come back under their names when they are long over: as many are open as there could be requesters. */
  #openJob(number: number): TaskGroup {
    const job = `job-${number % (2 * this.agents.length)}`;
    this.matching.openJob(job);
    return {
      id: job,
      job,
      engine: engines[Math.floor(this.#random() * engines.length)] ?? "js",
      memoryBytes: Math.floor(2 ** (24 + 6 * this.#random())),
      maxPrice: 3_500 + Math.floor(this.#random() * 2_000),
      part: undefined,
      cardBytes: 0,
      gangSize: 1,
      isForBonded: false,
      attestation: undefined,
      bars: undefined,
      isNovice: undefined,
      operators: undefined,
      excludedOperators: new Set(),
      refused: new Set(),
      shared: undefined,
    };
  }
}
