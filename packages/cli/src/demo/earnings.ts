import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { epochAt, formatAis, nanoAisPerAis, toHex, type VerifiedEpoch } from "@aegis-pool/core";
import { downloadClaims, downloadEpoch, listEpochs, type PoolClient, verifyEpochFile } from "@aegis-pool/sdk";
import { claimableBy, describeClaimed, sendClaim } from "../settlement/claim-earnings.js";
import { describePosted, postNewestEpoch } from "../settlement/post-epoch.js";
import type { Output } from "../terminal/output.js";
import type { DemoChain } from "./local-chain.js";
import type { Stage } from "./stage.js";

/** How often it is asked whether the epoch is closed, in ms: the pool looks every few seconds. */
const askedMs = 500;

/** What the demo's last scene comes to, for `--json`; nAIS. */
export interface DemoEarnings {
  readonly epoch: number;
  /** Of the epoch's public file. */
  readonly root: string;
  readonly file: string;
  /** What each machine's operator has earned in all. */
  readonly earned: Readonly<Record<string, bigint>>;
  /** What the first of them has claimed on chain, where there is one. */
  readonly claimed: bigint | undefined;
}

/**
 * Waits until the epoch is closed that runs now, recomputes it from its public file, and where there is a chain has it posted and claimed.
 * @param folder where the file is to be
 */
export async function runEarnings(
  client: PoolClient,
  { output, agents, chain }: Pick<Stage, "output" | "agents" | "chain">,
  folder: string,
): Promise<DemoEarnings> {
  const epoch = await nextClosed(client);
  const file = join(folder, `epoch-${epoch}.jsonl`);
  await rm(file, { force: true }); // of another demo
  await downloadEpoch(client, epoch, file);
  const verified = await verifyEpochFile(file, { pool: client.key });
  const { totals, statement } = verified;
  const earned = Object.fromEntries(agents.map(({ name, operator }) => [name, totals.earned.get(operator) ?? 0n]));
  output.note(earningsText(verified, earned));
  const claimed = chain && (await settle(client, chain, output));
  return { epoch, root: toHex(statement.root), file, earned, claimed };
}

async function nextClosed(client: PoolClient): Promise<number> {
  const { number } = epochAt(Date.now(), await listEpochs(client));
  for (;;) {
    const [newest] = (await listEpochs(client)).epochs;
    if (newest && newest.number >= number) return newest.number;
    await delay(askedMs);
  }
}

function earningsText({ header, statement, rows }: VerifiedEpoch, earned: DemoEarnings["earned"]): string {
  const each = Object.entries(earned).map(([name, amount]) => `${name} ${formatAis(amount)}`);
  return [
    `   epoch ${header.epoch} is over: its file adds up, as recomputed here (${statement.lines} lines, root ${toHex(statement.root).slice(0, 16)}…)`,
    `   in it ${rows.available} agents were available, ${rows.work} tasks were paid and ${rows.settled} held results settled`,
    `   earned by now: ${each.join(", ")}`,
  ].join("\n");
}

/** The pool's owner posts the epoch's root; the operator claims what it has earned. @returns nAIS that it got */
async function settle(client: PoolClient, chain: DemoChain, output: Output): Promise<bigint> {
  output.note(
    indented(describePosted(await postNewestEpoch(client, chain, { key: chain.owner, mint: nanoAisPerAis }))),
  );
  const { operator, distributor } = chain;
  const found = await claimableBy(operator.address, distributor, (epoch) => downloadClaims(client, epoch));
  const answer = await sendClaim(distributor, operator, found);
  output.note(indented(describeClaimed(found, answer)));
  return "refused" in answer ? 0n : answer.paid;
}

const indented = (text: string) => text.replaceAll(/^/gm, "   ");
