import { describeWhyNot, type WhyCounts, type WhyNot } from "@aegis-pool/core";
import type { WaitingTasks } from "@aegis-pool/sdk";

/** Why tasks wait, in words. */
export function describeWaiting(waiting: readonly WaitingTasks[]): string {
  if (waiting.length === 0) {
    return "No task of it waits for an agent: all are done or under way, or nobody answers for the job (see aegis job show).";
  }
  return waiting.map(describeOne).join("\n");
}

function describeOne({ tasks, maxPrice, agents, agent }: WaitingTasks): string {
  const lines = reasons(agents).map(([reason, count]) => `  ${count} agents ${describeWhyNot(reason)}`);
  const nobody = lines.length === 0 && agents.fits === 0 ? ["  no agent is connected"] : [];
  const fitting = agents.fits > 0 ? [`  ${agents.fits} agents fit: they are being asked`] : [];
  const asked = agent === undefined ? [] : [`  that agent: ${agent === "fits" ? "fits" : describeWhyNot(agent)}`];
  return [
    `${tasks} tasks wait at up to ${maxPrice} nAIS per SCU-second:`,
    ...lines,
    ...nobody,
    ...fitting,
    ...asked,
  ].join("\n");
}

/** Why an agent gets no work, in words. */
export function describeIdle(counts: WhyCounts): string {
  const all = reasons(counts);
  if (all.length === 0 && counts.fits === 0) return "Nothing waits in the pool.";
  const lines = all.map(
    ([reason, count]) => `  ${count} kinds of task: agents like this one ${describeWhyNot(reason)}`,
  );
  const fitting = counts.fits > 0 ? [`  ${counts.fits} kinds of task fit: they are on their way`] : [];
  return ["Of what waits in the pool:", ...lines, ...fitting].join("\n");
}

function reasons({ fits: _fits, ...counts }: WhyCounts): [WhyNot, number][] {
  return Object.entries(counts) as [WhyNot, number][];
}
