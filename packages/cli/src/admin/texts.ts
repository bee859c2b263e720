import { formatBytes, formatScu } from "@aegis-pool/core";
import type { ActionSeen, AgentSeen, JobSeen, PoolRules, PoolStatus } from "@aegis-pool/sdk";
import { dateOf } from "../terminal/dates.js";
import { bold } from "../terminal/output.js";
import { table } from "../terminal/table.js";

const right = "right" as const;

export function statusText(status: PoolStatus): string {
  const { agents, jobs, tasks, log, blobs, databaseBytes } = status;
  return [
    rulesText(status),
    "",
    `${agents} agents connected, ${jobs} jobs; tasks: ${tasks.queued} queued, ${tasks.matched} matched, ${tasks.running} running`,
    `Database ${formatBytes(databaseBytes)}, blobs ${formatBytes(blobs.completeBytes)} and ${formatBytes(blobs.unfinishedBytes)} of unfinished uploads, ${log} entries of the log`,
  ].join("\n");
}

/** How a pool is run. */
export function rulesText({ paused, bans, parameters, roles }: PoolRules): string {
  const columns = [{ title: "parameter" }, { title: "value", align: right }, { title: "" }, { title: "" }];
  return [
    paused === undefined ? `${bold("Open")}: work is taken and handed out` : `${bold("Paused")}: ${paused}`,
    ...roles.map(({ key, role }) => `  ${role.padEnd(10)} ${key}`),
    ...bans.map(({ who, key, reason }) => `  banned     ${who} ${key}: ${reason}`),
    table(
      columns,
      parameters.map(({ name, value, unit, words, least, most }) => [
        ...[name, String(value), unit],
        `${words} (${least} to ${most})`,
      ]),
    ),
  ].join("\n");
}

export function agentsText({ agents }: { readonly agents: readonly AgentSeen[] }): string {
  if (agents.length === 0) return "No agent is connected.";
  const columns = [
    ...[{ title: "agent" }, { title: "operator" }, { title: "class" }, { title: "share" }],
    ...["slots", "a slot", "holds"].map((title) => ({ title, align: right })),
  ];
  return table(
    columns,
    agents.map(({ agent, operator, share, slots, slotSpeed, holds, ...each }) => [
      ...[agent, operator, each.class, share, String(slots), formatScu(slotSpeed), String(holds)],
    ]),
  );
}

export function jobsText({ jobs }: { readonly jobs: readonly JobSeen[] }): string {
  if (jobs.length === 0) return "No job is under way.";
  const states = ["queued", "matched", "running", "completed", "failed", "cancelled"];
  const columns = [{ title: "job" }, ...states.map((title) => ({ title, align: right })), { title: "requester" }];
  return table(
    columns,
    jobs.map(({ job, counts, releaserConnected }) => [
      ...[job, ...states.map((state) => String(counts[state] ?? 0))],
      releaserConnected ? "here" : "away",
    ]),
  );
}

export function actionsText({ actions }: { readonly actions: readonly ActionSeen[] }): string {
  if (actions.length === 0) return "Nothing was ever changed.";
  return actions
    .map(({ at, admin, change: { do: what, ...rest } }) =>
      [dateOf(at), admin.slice(0, 16), what, ...Object.values(rest).map(String)].join("  "),
    )
    .join("\n");
}
