import { type AgentStatus, askAgent, type ControlCommand } from "@aegis-pool/agent";
import { AegisError, formatBytes } from "@aegis-pool/core";
import { PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { agentFolder, graphicsCardFolder } from "../home.js";
import { describeIdle } from "../jobs/why.js";
import { bold, createOutput } from "../terminal/output.js";

interface ControlFlags {
  readonly state?: string;
  readonly json?: boolean;
}

const descriptions: Readonly<Record<ControlCommand, string>> = {
  pause: "Lend nothing for now: what runs is stopped at once, and handed back if it stays so for 30 s",
  resume: "Lend again what was lent before",
  status: "What the running agent does now, and what its sandboxes use",
};

/** `aegis agent pause`, `resume`, `status` and `why`, which talk to the agent that runs. */
export function addAgentControl(agent: Command): void {
  for (const command of ["pause", "resume", "status"] as const) {
    agent
      .command(command)
      .description(descriptions[command])
      .option("--state <folder>", "the agent's folder (default: agent in AEGIS_HOME)")
      .option("--json", "as JSON")
      .addHelpText("after", `\nExample:\n  $ aegis agent ${command}`)
      .action((_flags: ControlFlags, self: Command) => ask(command, self.optsWithGlobals<ControlFlags>()));
  }
  agent
    .command("why")
    .description("Why the running agent gets no work: what keeps it from each kind of task that waits")
    .option("--state <folder>", "the agent's folder (default: agent in AEGIS_HOME)")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis agent why")
    .action((_flags: ControlFlags, self: Command) => why(self.optsWithGlobals<ControlFlags>()));
}

/** What keeps the running agent from what waits in its pool. */
async function why({ state, json }: ControlFlags): Promise<void> {
  const { agent, pool } = await askAgent(state ?? agentFolder(), "status");
  const tasks = await (await PoolClient.connect(pool)).whyIdle(agent);
  createOutput(json === true).result({ agent, tasks }, describeIdle(tasks));
}

/** Asks what runs with the folder: an agent for the cores, one for the graphics card, or both. */
async function ask(command: ControlCommand, { state, json }: ControlFlags): Promise<void> {
  const output = createOutput(json === true);
  const folder = state ?? agentFolder();
  const statuses = await Promise.allSettled(
    [folder, graphicsCardFolder(folder)].map((each) => askAgent(each, command)),
  );
  const [cores, card] = statuses;
  if (cores?.status === "rejected" && (card?.status === "rejected" || !isAbsent(cores.reason))) throw cores.reason;
  if (card?.status === "rejected" && !isAbsent(card.reason)) throw card.reason;
  for (const answer of statuses) if (answer.status === "fulfilled") output.result(answer.value, describe(answer.value));
}

function isAbsent(error: unknown): boolean {
  return error instanceof AegisError && error.code === "agent-not-running";
}

function describe({
  agent,
  pool,
  connected,
  share,
  paused,
  running,
  tasksDone,
  heldBy,
  lent,
  used,
  pid,
}: AgentStatus): string {
  const tasks = running.map(({ number, engine }) => `task ${number} (${engine})`).join(", ");
  return [
    paused ? `${bold("Paused")}: ${paused.words}.` : `${bold("Lending")} ${share}.`,
    `  pool     ${pool}${connected ? "" : " (not connected now; coming back by itself)"}`,
    `  runs     ${tasks === "" ? "nothing" : `${tasks}${paused ? ", stopped" : ""}`}`,
    `  CPU      ${used.cpuPercent}% of a core, of ${lent.cpuPercent}% lent (held by ${heldBy})`,
    `  memory   ${formatBytes(used.residentBytes)} in ${used.processes} sandboxes, ${formatBytes(lent.memoryBytes)} lent to tasks`,
    `  done     ${tasksDone} tasks since it started`,
    `  agent    ${agent} (process ${pid})`,
  ].join("\n");
}
