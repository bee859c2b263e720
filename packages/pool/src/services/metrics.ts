import { collectDefaultMetrics, Counter, Gauge, Registry } from "prom-client";

/** What `/metrics` shows, besides the process's own figures. None says anything about a requester. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: "aegis_process_" });
  const registers = [registry];
  return {
    registry,
    agents: new Gauge({ name: "aegis_agents", help: "Connected agents", registers }),
    submitted: new Counter({ name: "aegis_tasks_submitted_total", help: "Tasks queued", registers }),
    finished: new Counter({
      name: "aegis_tasks_finished_total",
      help: "Tasks that ended, by outcome",
      labelNames: ["state"],
      registers,
    }),
    refusals: new Counter({
      name: "aegis_refusals_total",
      help: "Messages of agents that were refused, by kind and reason",
      labelNames: ["what", "reason"],
      registers,
    }),
    judgements: new Counter({
      name: "aegis_judgements_total",
      help: "What requesters made of results that they judge; charged: they rejected too much, and paid for it",
      labelNames: ["outcome"],
      registers,
    }),
    tasks: (collect: (gauge: Gauge<"state">) => void) =>
      new Gauge({
        name: "aegis_tasks",
        help: "Tasks that are not over, by state",
        labelNames: ["state"],
        registers,
        collect() {
          collect(this);
        },
      }),
    pairs: (collect: (gauge: Gauge<"reason">) => void) =>
      new Gauge({
        name: "aegis_pairs",
        help: "Kinds of waiting tasks by agents, 20,000 at most, by what keeps them apart; fits: nothing does",
        labelNames: ["reason"],
        registers,
        collect() {
          this.reset();
          collect(this);
        },
      }),
    settlement: (collect: (gauge: Gauge<"what">) => void) =>
      new Gauge({
        name: "aegis_settlement",
        help: "Of a pool with a chain: the newest block, the safe block, credited deposits, and whether any problem keeps them from being credited",
        labelNames: ["what"],
        registers,
        collect() {
          collect(this);
        },
      }),
    operators: (collect: (gauge: Gauge<"tier">) => void) =>
      new Gauge({
        name: "aegis_operators",
        help: "Operators that have put up a bond, by tier",
        labelNames: ["tier"],
        registers,
        collect() {
          collect(this);
        },
      }),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
