import type { RunOptions } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { median } from "../statistics.js";
import { CheckedMarket } from "./checked-market.js";

const tasksPerRound = 3_000;
const rounds = { short: 5, long: 20 } as const;

/** What checks cost a pool, in ms of its process's own processor time. */
export interface CheckCosts {
  /** What policy `quorum` adds to each task, whether it is one of those that are run again or not. */
  readonly perTask: number;
  /** What `spot` adds, which runs as many again, and pays at once: what `quorum` adds beyond is holding and settling. */
  readonly perSpotTask: number;
  /** What `spot` adds, all of it, over the tasks that were run again. */
  readonly perCheck: number;
  /** What part of the tasks that is. */
  readonly checkedPart: number;
  /** What a task costs that nobody checks. */
  readonly unchecked: number;
}

/**
 * The same tasks through the pool's whole market over a real database, in turns without checks, with policy `spot`, and with `quorum` of two, by agents that
 * have long been trusted. What agents and requesters do themselves is not counted.
 */
export async function checkCosts({ long, say }: Pick<RunOptions, "long" | "say">): Promise<CheckCosts> {
  const folder = await temporaryFolder();
  const market = await CheckedMarket.open(folder.path);
  try {
    say("until as many results become final as are held");
    for (const policy of ["quorum", "none", "spot", "quorum"] as const) await market.run(tasksPerRound, policy);
    return await measure(market, long ? rounds.long : rounds.short, say);
  } finally {
    await market.close();
    await folder.remove();
  }
}

async function measure(market: CheckedMarket, count: number, say: (line: string) => void): Promise<CheckCosts> {
  const [added, spotted, unchecked, checks, each]: number[][] = [[], [], [], [], []];
  for (let round = 1; round <= count; round++) {
    const none = await market.run(tasksPerRound, "none");
    const spot = await market.run(tasksPerRound, "spot");
    const quorum = await market.run(tasksPerRound, "quorum");
    const ofTask = (ms: number) => ms / tasksPerRound;
    added?.push(ofTask(quorum.cpuMs - none.cpuMs));
    spotted?.push(ofTask(spot.cpuMs - none.cpuMs));
    unchecked?.push(ofTask(none.cpuMs));
    checks?.push(ofTask(quorum.checks));
    each?.push((spot.cpuMs - none.cpuMs) / spot.checks);
    say(
      `round ${round}: ${last(unchecked)} ms a task unchecked, ${last(spotted)} ms more with spot, ${last(added)} ms more with quorum; ${quorum.checks} checks, ${quorum.final} final`,
    );
  }
  return {
    perTask: median(added ?? []),
    perSpotTask: median(spotted ?? []),
    perCheck: median(each ?? []),
    checkedPart: median(checks ?? []),
    unchecked: median(unchecked ?? []),
  };
}

const last = (values: readonly number[] | undefined) => values?.at(-1)?.toFixed(3);
