/** Logarithms of the last values; what lies far out does not move their median. */
type Window = number[];

/** Values kept of each: enough for a steady median, few enough to follow a machine that changes. */
const kept = { works: 31, corrections: 15 } as const;
/** A correction of a pair that was seen n times counts n / (n + this); the rest is the agent's own. */
const trust = 2;
/** Kinds, agents and pairs that are remembered, at most each; what was used longest ago is forgotten first. */
const remembered = 20_000;

/** One run, for learning from it. */
export interface ObservedRun extends RunToPredict {
  /** How long it took, in ms. */
  readonly ms: number;
}

/** One run of which the time is asked. */
export interface RunToPredict {
  /** What kind of task: those of one job and program are alike. */
  readonly kind: string;
  readonly agent: string;
  readonly engine: string;
  /** Of its slot, in µSCU. */
  readonly speed: number;
}

/**
 * How long tasks take: work / speed. The work of a kind is learned from its first runs, on whatever machine; each agent
 * keeps a correction for each engine, and each pair of agent and kind one of its own, since no single figure says how
 * fast a machine is at everything. All are medians of logarithms: multiplicative, and deaf to a few wild values.
 */
export class RunTimes {
  readonly #works = new Recent();
  readonly #byAgent = new Recent();
  readonly #byPair = new Recent();

  observe({ ms, ...run }: ObservedRun): void {
    if (!(ms > 0) || !(run.speed > 0)) return;
    const work = Math.log(ms) + Math.log(run.speed);
    const known = this.#works.median(run.kind);
    if (known !== undefined) {
      // what the agent is off by is learned against what all agents say the work is
      this.#byAgent.add(agentKey(run), work - known, kept.corrections);
      this.#byPair.add(pairKey(run), work - known, kept.corrections);
    }
    this.#works.add(run.kind, work - this.#correction(run), kept.works);
  }

  /** ms; undefined while no run of this kind is known. */
  predict(run: RunToPredict): number | undefined {
    const work = this.#works.median(run.kind);
    if (work === undefined || !(run.speed > 0)) return undefined;
    return Math.exp(work + this.#correction(run) - Math.log(run.speed));
  }

  #correction(run: RunToPredict): number {
    const general = shrunk(this.#byAgent, agentKey(run), 0);
    return shrunk(this.#byPair, pairKey(run), general);
  }
}

/** The median under `key`, drawn towards `otherwise` while it rests on little. */
function shrunk(values: Recent, key: string, otherwise: number): number {
  const median = values.median(key);
  if (median === undefined) return otherwise;
  const weight = values.count(key) / (values.count(key) + trust);
  return weight * median + (1 - weight) * otherwise;
}

/** The last values under each key, of the keys used last. */
class Recent {
  readonly #windows = new Map<string, Window>();

  add(key: string, value: number, most: number): void {
    const window = this.#windows.get(key) ?? [];
    this.#windows.delete(key); // and in again, as the newest
    this.#windows.set(key, window);
    window.push(value);
    if (window.length > most) window.shift();
    if (this.#windows.size > remembered) this.#windows.delete(this.#windows.keys().next().value ?? "");
  }

  count(key: string): number {
    return this.#windows.get(key)?.length ?? 0;
  }

  median(key: string): number | undefined {
    const sorted = this.#windows.get(key)?.toSorted((a, b) => a - b);
    return sorted?.[Math.floor(sorted.length / 2)];
  }
}

const agentKey = ({ agent, engine }: RunToPredict) => `${agent} ${engine}`;
const pairKey = ({ agent, kind }: RunToPredict) => `${agent} ${kind}`;
