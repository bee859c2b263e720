import { Recent } from "./recent.js";

/** Values kept of each: enough for a steady median, few enough to follow a machine that changes. */
const kept = { works: 31, general: 15, own: 9, misses: 99 } as const;
/** What an agent is generally off by counts n / (n + this) after n runs: little rests on one. */
const trust = 2;
/** What a pair's own runs weigh against what is expected of strangers, and the bounds of that; see {@link RunTimes}. */
const ownTrust = { first: 0.3, least: 0.05, most: 2 } as const;

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
  /** Whether its sandbox has to be started first. */
  readonly fresh: boolean;
}

/**
 * How long tasks take: work / speed. The work of a kind is learned from its first runs, on whatever machine; each agent
 * keeps a correction for each engine, and each pair of agent and kind one of its own, since no single figure says how
 * fast a machine is at everything. All are medians of logarithms: multiplicative, and deaf to a few wild values.
 *
 * Runs that include the start of a sandbox are learned apart from those that do not: for short tasks it is most of the time.
 *
 * What a pair's own n runs say weighs n / (n + (s / t)²) against what is expected of an agent that has not run the kind,
 * where s is how far runs of one pair are apart and t how far first runs were from what had been expected: both are
 * learned. On quiet machines one run says nearly all; where the same run takes twice as long the next time, it does not.
 */
export class RunTimes {
  readonly #works = new Recent(kept.works);
  readonly #general = new Recent(kept.general);
  readonly #own = new Recent(kept.own);
  /** How far predictions were off, as logarithms without sign. */
  readonly #misses = new Recent(kept.misses);

  observe({ ms, ...run }: ObservedRun): void {
    if (!(ms > 0) || !(run.speed > 0)) return;
    const work = Math.log(ms) + Math.log(run.speed);
    const known = this.#works.median(kindKey(run));
    const general = this.#generally(run);
    if (known !== undefined) {
      this.#learnMiss(run, work, known + general);
      this.#general.add(agentKey(run), work - known);
    }
    this.#works.add(kindKey(run), work - general);
    this.#own.add(pairKey(run), work);
  }

  /** ms; undefined while no run of this kind is known. */
  predict(run: RunToPredict): number | undefined {
    const other = { ...run, fresh: !run.fresh };
    const known = this.#works.median(kindKey(run));
    if (known === undefined) return this.#works.count(kindKey(other)) > 0 ? this.predict(other) : undefined;
    if (!(run.speed > 0)) return undefined;
    const expected = known + this.#generally(run);
    const own = this.#own.median(pairKey(run)) ?? expected;
    const runs = this.#own.count(pairKey(run));
    const weight = runs / (runs + this.#ownTrust());
    return Math.exp(weight * own + (1 - weight) * expected - Math.log(run.speed));
  }

  /** What the agent is off by whatever it runs on this engine, as far as that is known. */
  #generally(run: RunToPredict): number {
    const runs = this.#general.count(agentKey(run));
    return ((this.#general.median(agentKey(run)) ?? 0) * runs) / (runs + trust);
  }

  #learnMiss(run: RunToPredict, work: number, expected: number): void {
    const runs = this.#own.count(pairKey(run));
    const own = this.#own.median(pairKey(run));
    if (own === undefined) this.#misses.add("first", Math.abs(work - expected));
    // the middle of n runs is itself off: one more is further from it than the runs are apart
    else this.#misses.add("again", Math.abs(work - own) / Math.sqrt(1 + 1 / runs));
  }

  #ownTrust(): number {
    const [first, again] = [this.#misses.median("first"), this.#misses.median("again")];
    if (first === undefined || again === undefined) return ownTrust.first;
    const between = Math.max(first ** 2 - again ** 2, 1e-9);
    return Math.min(Math.max(again ** 2 / between, ownTrust.least), ownTrust.most);
  }
}

const kindKey = ({ kind, fresh }: RunToPredict) => `${kind} ${fresh}`;
const agentKey = ({ agent, engine, fresh }: RunToPredict) => `${agent} ${engine} ${fresh}`;
const pairKey = ({ agent, kind, fresh }: RunToPredict) => `${agent} ${kind} ${fresh}`;
