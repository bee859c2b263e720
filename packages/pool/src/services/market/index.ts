import {
  BackOffs,
  LastPrices,
  type Parameters,
  type Primitives,
  readStatement,
  RunTimes,
  ShortJobs,
  type Signer,
  taskManifest,
  toHex,
} from "@aegis-pool/core";
import type pg from "pg";
import type { BlobStore } from "../../store/blobs/index.js";
import { begunGangs, gangKey, jobTally, type LiveRow, liveTasks } from "../../store/task-reads.js";
import type { Clock } from "../clock.js";
import type { GroupCommit } from "../group-commit.js";
import type { Ledger } from "../ledger.js";
import { Board } from "./board.js";
import { BondedOperators } from "./bonded-operators.js";
import { Escrows } from "./escrows.js";
import { LiveGangs } from "./gangs.js";
import { FirstRefusals } from "./first-refusals.js";
import { Holdings } from "./holdings.js";
import { JobFunds } from "./job-funds.js";
import { Jobs } from "./jobs.js";
import { Leases, type MarketParts } from "./leases.js";
import type { AgentSession } from "./live.js";
import { Matcher } from "./matcher.js";
import { Results } from "./results.js";
import { Sandboxes } from "./sandboxes.js";
import { signedOutcomes } from "./signed-outcomes.js";
import { Submissions } from "./submissions.js";
import { Transitions } from "./transitions.js";

/** How often leases are looked through for those whose time is over, in ms. */
const sweepMs = 250;

/** The market: everything between a submission and a receipt. */
export interface Market extends MarketParts {
  readonly jobs: Jobs;
  readonly leases: Leases;
  readonly matcher: Matcher;
  readonly results: Results;
  readonly submissions: Submissions;
  readonly funds: JobFunds;
  /** Stops looking after leases. */
  stop(): void;
}

/** What the market is built on. */
export interface MarketGround {
  readonly database: pg.Pool;
  readonly commit: GroupCommit;
  readonly blobs: BlobStore;
  readonly signer: Signer;
  readonly primitives: Primitives;
  readonly clock: Clock;
  readonly ledger: Ledger;
  /** As they are now. */
  readonly parameters: () => Parameters;
}

/** The market as the database left it. */
export async function openMarket(ground: MarketGround): Promise<Market> {
  const { database, commit, blobs, signer, primitives, clock, ledger } = ground;
  const sessions = new Map<string, AgentSession>();
  const [board, holdings, escrows] = [new Board(), new Holdings(), new Escrows()];
  const outcomes = signedOutcomes({ signer, primitives, money: ledger.money });
  const transitions = new Transitions({ board, commit, holdings, escrows, outcomes });
  const prices = { cpu: new LastPrices(), webgpu: new LastPrices() };
  const known = { board, sessions, holdings, escrows, transitions, times: new RunTimes(), shortJobs: new ShortJobs() };
  const bonded = new BondedOperators(known);
  const refusals = { bonded, firstRefusals: new FirstRefusals(board) };
  const parts = {
    ...known,
    ...refusals,
    sandboxes: new Sandboxes(),
    backOffs: new BackOffs(),
    prices,
    gate: { isOpen: true },
    now: clock,
  };
  const jobs = new Jobs(parts, database);
  const leases = new Leases(parts);
  const matcher = new Matcher(parts);
  const results = new Results(parts, { leases, blobs, pool: signer.publicKey, primitives });
  const submissions = new Submissions({
    board,
    escrows,
    jobs,
    commit,
    database,
    blobs,
    pool: signer.publicKey,
    primitives,
    ...refusals,
    most: () => ground.parameters().liveTasks,
    now: clock,
  });
  await restore({ ...parts, jobs, leases }, ground);
  parts.transitions.effects.onWaiting = () => matcher.schedule();
  parts.transitions.effects.onRoom = (agent) => matcher.consider(agent);
  const gangs = new LiveGangs(parts);
  parts.transitions.effects.onLost = (task) => gangs.lost(task);
  submissions.onWaiting = () => matcher.schedule();
  const sweeping = setInterval(() => leases.sweep(), sweepMs);
  const funds = new JobFunds({ board, escrows, jobs, ledger });
  return { ...parts, jobs, leases, matcher, results, submissions, funds, stop: () => clearInterval(sweeping) };
}

/** Puts unfinished work back on the board: what ran waits for its agent, what had only been matched is queued again. */
async function restore(market: MarketParts & { jobs: Jobs; leases: Leases }, ground: MarketGround): Promise<void> {
  const begun = await begunGangs(ground.database);
  for (const row of await liveTasks(ground.database)) {
    const manifest = readStatement(taskManifest, { body: row.manifest, signature: new Uint8Array(0) });
    if (!manifest) throw new TypeError(`task ${row.number} in the database cannot be read`);
    if (!market.board.jobs.has(toHex(row.job))) {
      market.jobs.remember(row.job, await jobTally(ground.database, row.job));
    }
    const { age, state, fence } = row;
    const manifestHash = ground.primitives.sha256(row.manifest);
    const gangHasBegun = begun.has(gangKey(row.job, manifest.requirements.gang?.number));
    const replica = row.replica_of === null ? undefined : { of: row.replica_of, bars: () => true };
    const task = market.board.add({ manifest, manifestHash, age, state, fence, gangHasBegun, replica });
    market.escrows.restore(task);
    if (replica && state !== "running") {
      market.jobs.cancelTask(task); // its check is forgotten
      continue;
    }
    if (state === "matched") market.transitions.requeue(task, "handBack", fence);
    if (state === "running") market.leases.restore(task, leaseOf(row));
  }
}

function leaseOf({ agent, price, speed, released_at: releasedAt }: LiveRow) {
  return {
    agent: toHex(agent ?? new Uint8Array(0)),
    price: BigInt(price ?? 0),
    speed: speed ?? 0,
    releasedAt: releasedAt ?? undefined,
  };
}
