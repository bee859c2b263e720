import { join } from "node:path";
import { formatAis, formatBytes, formatScu, ratingOf } from "@aegis-pool/core";
import { type AgentEvent, type AgentOptions, readShare, type RunningAgent, startAgent } from "@aegis-pool/agent";
import { readAddress } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { parseDuration } from "../durations.js";
import { exitCodeOf } from "../exit-codes.js";
import { agentFolder, graphicsCardFolder } from "../home.js";
import { untilInterrupted } from "../interrupts.js";
import { dateOf } from "../terminal/dates.js";
import { bold, createOutput, type Output } from "../terminal/output.js";
import { addAgentControl } from "./agent-control.js";
import { addPoolOptions, parseAmount, type PoolFlags } from "./shared-options.js";

interface AgentFlags extends PoolFlags {
  readonly share: string;
  readonly state?: string;
  readonly operatorKey?: string;
  readonly floorPrice?: string;
  readonly hours?: string;
  readonly onlyWhenIdle?: boolean;
  readonly quiet: string;
  readonly bubblewrap: boolean;
  readonly committee: boolean;
  readonly attestation: boolean;
  readonly attestationChain?: string[];
  readonly json?: boolean;
}

export function addAgentCommand(program: Command): void {
  const agent = addPoolOptions(program.command("agent"))
    .description("Lend this machine, or a part of it, to a pool")
    .option("--share <parts>", "what to lend", "cpu=50%")
    .option("--state <folder>", "where the agent's keys are kept (default: agent in AEGIS_HOME)")
    .option("--operator-key <file>", "the operator's key, shared by all its agents (default: operator.key there)")
    .option("--hours <ranges>", 'lend in these hours of the day only, such as "22-8" or "12-13,18:30-7"')
    .option("--only-when-idle", "lend only while you do not use this machine (Linux)")
    .option("--quiet <duration>", "with --only-when-idle: how long you must not have used it", "60s")
    .option("--floor-price <amount>", 'lowest price per SCU-second, such as "3087 nAIS" (the default)')
    .option("--no-bubblewrap", "do without the second wall around sandboxes")
    .option("--no-committee", "take no part in secure sums, which this program computes itself for federated runs")
    .option("--no-attestation", "do not show that this machine is a confidential VM, where it is one")
    .option("--attestation-chain <file...>", "certificates of its chip (VCEK, ASK, ARK) that the host does not give")
    .option("--json", "one JSON object per event")
    .addHelpText(
      "after",
      '\nExample:\n  $ aegis agent --pool http://127.0.0.1:7700 --share "cpu=50%,memory=4GiB"\n  $ aegis agent --pool http://127.0.0.1:7700 --share "gpu=0:50%:8GiB"',
    )
    .enablePositionalOptions() // what follows `status` is of `status`
    .action(runAgent);
  addAgentControl(agent);
}

async function runAgent(flags: AgentFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const earned = { tasks: 0, reward: 0n };
  const agents: RunningAgent[] = [];
  try {
    for (const device of devicesOf(flags)) agents.push(await startAgent(optionsOf(flags, device, output, earned)));
    for (const agent of agents) introduce(output, agent);
    const reason = await Promise.race([...agents.map(({ ended }) => ended), untilInterrupted()]);
    output.note("Handing tasks back and leaving ...");
    await leaveAll(agents);
    output.note(`Ran ${earned.tasks} tasks for ${formatAis(earned.reward)} (due when the pool settles).`);
    if (!reason) return;
    output.error(reason);
    process.exitCode = exitCodeOf(reason);
  } catch (error) {
    await leaveAll(agents);
    throw error;
  }
}

async function leaveAll(agents: readonly RunningAgent[]): Promise<void> {
  await Promise.all(agents.map((agent) => agent.leave()));
}

/** An agent is one device, with a folder of its own: the cores, the graphics card, or one of each. */
function devicesOf({ share: text, state }: AgentFlags): { device: "cores" | "graphics-card"; directory: string }[] {
  const share = readShare(text);
  const directory = state ?? agentFolder();
  const card = { device: "graphics-card", directory: graphicsCardFolder(directory) } as const;
  return [...(share.cpuPercent > 0 ? [{ device: "cores", directory } as const] : []), ...(share.gpu ? [card] : [])];
}

function optionsOf(
  flags: AgentFlags,
  device: { device: "cores" | "graphics-card"; directory: string },
  output: Output,
  earned: { tasks: number; reward: bigint },
): AgentOptions {
  return {
    ...device,
    pool: flags.pool,
    poolKey: flags.poolKey,
    operatorKey: flags.operatorKey ?? join(flags.state ?? agentFolder(), "operator.key"),
    share: flags.share,
    floorPrice: flags.floorPrice === undefined ? undefined : parseAmount(flags.floorPrice),
    hours: flags.hours,
    quietMs: flags.onlyWhenIdle === true ? parseDuration(flags.quiet) : undefined,
    committee: flags.committee,
    bubblewrap: flags.bubblewrap ? "auto" : "off",
    attestation: flags.attestation ? { chain: flags.attestationChain } : "off",
    onEvent(event) {
      if (event.kind === "settled") {
        earned.tasks++;
        earned.reward += BigInt(event.receipt.reward);
      }
      tell(output, event);
    },
  };
}

function introduce(output: Output, { key, operator, offer, lent, missing, attests }: RunningAgent): void {
  const { class: lentClass, engines, slots, speeds, share } = offer;
  const claimed = ratingOf(lentClass, speeds);
  const slot = `${slots} slot${slots === 1 ? "" : "s"} of ${lent.cpuPercentPerSlot}% of a core and ${formatBytes(lent.memoryBytesPerSlot)}`;
  output.result(
    {
      event: "ready",
      agent: key,
      operator,
      class: lentClass,
      engines,
      slots,
      claimedMicroScu: claimed,
      share,
      attests,
      missing,
    },
    [
      `${bold("This machine lends")} ${share}: ${lentClass === "cpu" ? slot : `its graphics card, with ${slot}`}`,
      `  speed    ${formatScu(claimed)} by its own measure; the pool has it proven next`,
      `  engines  ${engines.filter((engine) => engine !== "aggregate").join(", ")}`,
      ...(engines.includes("aggregate") ? ["  sums     may be drawn for committees that unmask secure sums"] : []),
      ...missing.map(({ engine, why, howToGet }) => `  without  ${engine}: ${why}; ${howToGet}`),
      ...(attests ? ["  attests  that it runs in a confidential VM"] : []),
      `  agent    ${key}`,
      `  operator ${operator}`,
    ].join("\n"),
  );
}

function payoutNote({ address, effectiveAt }: Extract<AgentEvent, { kind: "payout-pending" }>): string {
  const to = readAddress(address) ?? "none";
  return `Your payout address changes to ${to} on ${dateOf(effectiveAt)}. Not you? aegis payout cancel`;
}

function tell(output: Output, event: AgentEvent): void {
  if (output.json) return output.result({ event: event.kind, ...event }, "");
  if (event.kind === "connected") output.note(`Connected to ${event.pool}; waiting for tasks. Ctrl-C leaves.`);
  if (event.kind === "rated")
    output.note(`The pool counts each slot as ${formatScu(event.slotSpeed)}: ${event.reason}.`);
  if (event.kind === "lost") output.note(`The connection is lost (${event.reason}); coming back by itself.`);
  if (event.kind === "handed-back") output.note(`Task ${event.number} handed back: ${event.reason}.`);
  if (event.kind === "refused") output.note(`Task ${event.number} refused by the pool: ${event.reason}.`);
  if (event.kind === "paused") output.note(`Paused: ${event.words}.`);
  if (event.kind === "payout-pending") output.note(payoutNote(event));
  if (event.kind === "not-attesting") output.note(`Connecting without an attestation: ${event.why}.`);
  if (event.kind === "not-summing") output.note(`This machine could not take part in a secure sum: ${event.why}.`);
  if (event.kind === "resumed") output.note("Lending again.");
  if (event.kind === "settled") {
    output.note(`Task ${event.number}: ${formatAis(BigInt(event.receipt.reward))} due.`);
  }
}
