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
    tasks: filledBy<"state">(registry, "aegis_tasks", "Tasks that are not over, by state", "state"),
    pairs: filledBy<"reason">(
      registry,
      "aegis_pairs",
      "Kinds of waiting tasks by agents, 20,000 at most, by what keeps them apart; fits: nothing does",
      "reason",
    ),
    settlement: filledBy<"what">(
      registry,
      "aegis_settlement",
      "Of a pool with a chain: newest block, safe block, credited deposits, and 1 where a problem keeps any from being credited",
      "what",
    ),
    operators: filledBy<"tier">(registry, "aegis_operators", "Operators that have put up a bond, by tier", "tier"),
  };
}

/** A gauge that is filled whenever somebody looks at it. */
function filledBy<L extends string>(registry: Registry, name: string, help: string, label: L) {
  return (fill: (gauge: Gauge<L>) => void) =>
    new Gauge({
      ...{ name, help, labelNames: [label], registers: [registry] },
      collect() {
        this.reset();
        fill(this);
      },
    });
}

export type Metrics = ReturnType<typeof createMetrics>;
