import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { AegisError } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";
import { Account, functionProgram, type Pool, type PoolClient } from "@aegis-pool/sdk";
import { type CheatFacts, factsOf } from "./cheat-facts.js";
import { type DemoProcess, startOwn } from "./children.js";
import { countPrimes } from "./primes.js";

/** Operators beside the cheat. With fewer than seven that say otherwise, nobody is called wrong. */
const honestOperators = 7;
/** Tasks come a few at a time: each time all are idle, and the cheat, who asks for least, begins one. */
const rounds = 2;
const tasksPerRound = 2;
/** Test money that the cheat has put up, in nAIS. */
const bond = 100_000n;
/** Bonds are taken every second. */
const mostWaits = 100;
const waitMs = 100;

/** What the scene is played with. */
export interface CheatScene {
  readonly pool: Pool;
  /** The requester's. */
  readonly account: Account;
  readonly url: string;
  readonly folder: string;
  /** Where processes are noted that are to be stopped with the demo. */
  readonly started: DemoProcess[];
  readonly interrupted: Promise<unknown>;
}

/** Eight more operators lend a slot each, and one of them cheats: small tasks under `quorum`, and what the pool says of them afterwards. */
export async function runCheat(scene: CheatScene): Promise<CheatFacts> {
  const begunAt = performance.now();
  const { pool, url, account } = scene;
  const names = [...Array.from({ length: honestOperators }, (_, index) => `neighbour-${index + 1}`), "cheat"];
  const folders = names.map((name) => join(scene.folder, name));
  const operators = await Promise.all(folders.map((folder) => operatorOf(folder, pool.client)));
  const [cheat, ...honest] = operators.toReversed();
  if (!cheat) throw new TypeError("the last one cheats");
  await cheat.fund(bond);
  await cheat.putBond(bond, "requester");
  const crowd = await startOwn("neighbours", [url, ...folders]);
  scene.started.push(crowd);
  const before = await account.balance();
  const values = await runTasks(scene);
  await collected(cheat);
  const seconds = (performance.now() - begunAt) / 1_000;
  const facts = await factsOf({ client: pool.client, cheat, honest, bond, values });
  return { ...facts, paidByRequester: before - (await account.balance()), seconds };
}

async function operatorOf(folder: string, client: PoolClient): Promise<Account> {
  return new Account(client, await openKeyFile(join(folder, "operator.key"), createEd25519Signer));
}

/** @returns for each task the range of numbers, and how many primes it is said to have */
async function runTasks({ pool, interrupted }: CheatScene): Promise<CheatFacts["values"]> {
  const job = await pool.open<number>(functionProgram(countPrimes), { verify: "quorum", memory: "64MiB" });
  void interrupted.then(() => job.cancel());
  const values: { from: number; to: number; primes: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    const ranges = Array.from({ length: tasksPerRound }, (_, index) => rangeOf(round * tasksPerRound + index));
    values.push(...(await Promise.all(ranges.map(async (range) => ({ ...range, primes: await job.run(range) })))));
  }
  job.close();
  await job.values(); // when the last check has ended
  return values;
}

const rangeOf = (index: number) => ({ from: index * 10_000, to: (index + 1) * 10_000 });

/** What the cheat owes is taken a moment after its last result is settled. */
async function collected(cheat: Account): Promise<void> {
  for (let wait = 0; wait < mostWaits; wait++) {
    const { held, owed } = await cheat.unsettled();
    if (held === 0n && owed === 0n) return;
    await delay(waitMs);
  }
  throw new AegisError({
    code: "internal",
    message: `What the cheat owes was not collected within ${(mostWaits * waitMs) / 1_000} s.`,
    next: "Report it: this version's pool collects too late, or not at all.",
  });
}
