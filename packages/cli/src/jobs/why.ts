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
  const asked = agent === undefined ? [] : [`  that agent: ${agent === "fits" ? fits : describeWhyNot(agent)}`];
  const head = `Waiting at up to ${maxPrice} nAIS per SCU-second: ${tasks}. What keeps how many agents away:`;
  return [head, ...reasons(agents, "no agent is connected"), ...asked].join("\n");
}

/** Why an agent gets no work, in words. */
export function describeIdle(counts: WhyCounts): string {
  return ["What keeps how many kinds of waiting tasks away:", ...reasons(counts, "nothing waits in the pool")].join(
    "\n",
  );
}

const fits = "nothing: it is on its way";

function reasons({ fits: fitting, ...counts }: WhyCounts, none: string): string[] {
  const lines = (Object.entries(counts) as [WhyNot, number][]).map(
    ([reason, count]) => `  ${count}  ${describeWhyNot(reason)}`,
  );
  if (fitting > 0) lines.push(`  ${fitting}  ${fits}`);
  return lines.length > 0 ? lines : [`  ${none}`];
}
