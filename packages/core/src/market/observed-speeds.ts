/** How long a task took on something that has proven a speed. */
export interface TimedRun {
  /** What kind of task: those of one job and program are alike. */
  readonly kind: string;
  /** What the slot, or the part of a card, has proven, in µSCU. */
  readonly speed: number;
  readonly ms: number;
}

/** A completed run, as the pool's own clock saw it. */
export interface SeenRun extends TimedRun {
  readonly agent: string;
  readonly operator: string;
}

/** What real work must say of an agent before its rating follows it. */
export const observedRules = {
  /** Shorter runs tell of the network rather than of the device, in ms. */
  leastMs: 100,
  /** Runs of one kind by one agent, at least. */
  leastRuns: 3,
  /** Other operators whose agents have run the kind, at least: nobody vouches for oneself. */
  leastOperators: 2,
  /** Kinds, at least: one may suit a machine badly. */
  leastKinds: 3,
  /** A rating falls to this part of what was proven, at most; it never rises above it. */
  lowest: 0.5,
} as const;

/** Runs kept of each agent and kind, kinds kept of each agent, agents kept of each kind, and kinds in all. */
const kept = { runs: 7, kinds: 15, agents: 64, allKinds: 20_000 } as const;

/** What one agent has shown at one kind: logarithms of the last works, in µSCU x ms. */
interface Shown {
  readonly operator: string;
  readonly works: number[];
}

/**
 * What real work says of each agent's proven speed. For each kind of task its work (time x proven speed) is compared
 * with the work that agents of *other operators* needed for it: whoever needs more is slower than it has proven, be it
 * that it claimed more memory traffic than it has, proved its speed with another device, or slows itself down after the
 * challenge. Works stay comparable when an agent proves another speed, so no new proof makes the old ones forgotten.
 * Canaries, public programs submitted like any others, make sure that there are kinds to compare.
 */
export class ObservedSpeeds {
  readonly #byKind = new Map<string, Map<string, Shown>>();
  readonly #kindsOf = new Map<string, Set<string>>();

  observe({ kind, agent, operator, speed, ms }: SeenRun): void {
    if (!(ms >= observedRules.leastMs) || !(speed > 0)) return;
    const agents = this.#byKind.get(kind) ?? new Map<string, Shown>();
    renew(this.#byKind, kind, agents, kept.allKinds);
    const shown = agents.get(agent) ?? { operator, works: [] };
    renew(agents, agent, shown, kept.agents);
    shown.works.push(Math.log(ms) + Math.log(speed));
    if (shown.works.length > kept.runs) shown.works.shift();
    const kinds = this.#kindsOf.get(agent) ?? new Set<string>();
    renew(this.#kindsOf, agent, kinds, kept.allKinds);
    kinds.delete(kind);
    kinds.add(kind);
    if (kinds.size > kept.kinds) kinds.delete(kinds.values().next().value ?? "");
  }

  /** The agent's real speed as a part of what it has proven, 0.5 to 1; undefined while too little is known. */
  partOf(agent: string): number | undefined {
    const kinds = [...(this.#kindsOf.get(agent) ?? [])];
    const excesses = kinds.flatMap((kind) => this.#excess(kind, agent) ?? []);
    if (excesses.length < observedRules.leastKinds) return undefined;
    return Math.min(1, Math.max(observedRules.lowest, Math.exp(-medianOf(excesses))));
  }

  /** Logarithm of how much more work the agent needs for the kind than others do. */
  #excess(kind: string, agent: string): number | undefined {
    const agents = this.#byKind.get(kind);
    const own = agents?.get(agent);
    if (!agents || !own || own.works.length < observedRules.leastRuns) return undefined;
    const others = new Map<string, number[]>();
    for (const { operator, works } of agents.values()) {
      if (operator === own.operator || works.length < observedRules.leastRuns) continue;
      others.set(operator, [...(others.get(operator) ?? []), medianOf(works)]);
    }
    if (others.size < observedRules.leastOperators) return undefined;
    return medianOf(own.works) - medianOf([...others.values()].map(medianOf)); // each operator counts once
  }
}

/** Sets `key` as the newest, and drops the oldest beyond `most`. */
function renew<V>(map: Map<string, V>, key: string, value: V, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value ?? "");
}

/** The middle value; of an even number the lower one of the two. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
