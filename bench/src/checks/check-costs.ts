import type { RunOptions } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { median } from "../statistics.js";
import { CheckedMarket } from "./checked-market.js";

const tasksPerRound = 4_000;
const rounds = { short: 5, long: 20 } as const;

/** What checks cost a pool, in ms of its process's own processor time. */
export interface CheckCosts {
  /** What policy `quorum` adds to each task, whether it is one of those that are run again or not. */
  readonly perTask: number;
  /** The same, all of it, over the tasks that were run again. */
  readonly perCheck: number;
  /** What part of the tasks that is. */
  readonly checkedPart: number;
  /** What a task costs that nobody checks. */
  readonly unchecked: number;
}

/**
 * The same tasks through the pool's whole market over a real database, in turns with and without policy `quorum` of two, by agents that
 * have long been trusted. What agents and requesters do themselves is not counted.
 */
export async function checkCosts({ long, say }: Pick<RunOptions, "long" | "say">): Promise<CheckCosts> {
  const folder = await temporaryFolder();
  const market = await CheckedMarket.open(folder.path);
  try {
    say("until as many results become final as are held");
    for (const isChecked of [true, false, true]) await market.run(tasksPerRound, isChecked);
    return await measure(market, long ? rounds.long : rounds.short, say);
  } finally {
    await market.close();
    await folder.remove();
  }
}

async function measure(market: CheckedMarket, count: number, say: (line: string) => void): Promise<CheckCosts> {
  const [added, unchecked, checks, each]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let round = 1; round <= count; round++) {
    const plain = await market.run(tasksPerRound, false);
    const quorum = await market.run(tasksPerRound, true);
    const more = quorum.cpuMs - plain.cpuMs;
    added.push(more / tasksPerRound);
    each.push(more / quorum.checks);
    checks.push(quorum.checks / tasksPerRound);
    unchecked.push(plain.cpuMs / tasksPerRound);
    say(
      `round ${round}: ${(plain.cpuMs / tasksPerRound).toFixed(3)} ms a task unchecked, ${(more / tasksPerRound).toFixed(3)} ms more with quorum, ${quorum.checks} checks, ${quorum.final} final`,
    );
  }
  const of = median;
  return { perTask: of(added), perCheck: of(each), checkedPart: of(checks), unchecked: of(unchecked) };
}
