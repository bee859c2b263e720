import { dirname } from "node:path";
import { toHex } from "@aegis-pool/core";
import { describePlan, describeResult, openPlan, spentAfter, sumsOf, withinBudget } from "@aegis-pool/plans";
import { openInvitation, participate, type RunEvent, statusOf } from "@aegis-pool/sdk";
import { untilInterrupted } from "../interrupts.js";
import { createOutput, type Output } from "../terminal/output.js";
import { createProgress } from "../terminal/progress.js";
import { procedureOf } from "./plans.js";
import { writeResult } from "./results.js";
import { type RoundLine, withLines } from "./rounds-table.js";

interface JoinFlags {
  readonly data: string;
  readonly trainer?: string;
  readonly out?: string;
  readonly json?: boolean;
}

export async function join(path: string, flags: JoinFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const invitation = await openInvitation(path);
  const plan = openPlan(invitation.plan);
  const { terms: shape } = await statusOf(invitation);
  const { what, privacy } = describePlan(plan, shape);
  output.note(`Run ${toHex(invitation.run).slice(0, 12)} at ${invitation.pool.url}: ${what}.\nIt promises ${privacy}.`);
  const stop = new AbortController();
  void untilInterrupted().then(() => stop.abort());
  const own = { data: flags.data, trainer: flags.trainer, signal: stop.signal };
  const progress = createProgress("sums", output.json);
  const [total, spent] = [sumsOf(plan), spentAfter(plan, shape)];
  const held = withinBudget(await procedureOf(plan, own), plan, shape);
  const procedure = withLines(held, (line) => {
    progress.update(Math.min(line.round, total), total, detailOf(line, spent(line.round)));
  });
  const result = await participate(invitation, procedure, {
    statePath: `${path}.state`,
    signal: stop.signal,
    onEvent: (event) => say(event, output),
  }).finally(() => progress.end());
  const files = await writeResult(flags.out ?? dirname(path), result, privacy);
  const measured = result.kind === "network" ? result.measured : undefined;
  output.result(
    { files, measured, privacy },
    [describeResult(result), ...files].filter((line) => line !== "").join("\n"),
  );
}

function detailOf({ name, loss, auc, participants, bytes }: RoundLine, epsilon: number | undefined): string {
  const figures = [
    loss === undefined ? name : `${name}  loss ${loss.toFixed(4)}`,
    ...(auc === undefined ? [] : [`AUC ${auc.toFixed(4)}`]),
    `${participants} participants`,
    `${bytes} bytes`,
    ...(epsilon === undefined ? [] : [`epsilon ${epsilon.toFixed(3)} spent`]),
  ];
  return figures.join("  ");
}

function say(event: RunEvent, output: Output): void {
  if (output.json) return output.result(event, "");
  const text = textOf(event);
  if (text !== undefined) output.note(text);
}

/** What is worth a line: the rest shows in the progress. */
function textOf(event: RunEvent): string | undefined {
  if (event.type === "enrolled") return `Enrolled; ${event.enrolled} of ${event.seats} seats were taken before.`;
  if (event.type === "drawn") return `The committee is drawn, among ${event.participants} participants.`;
  if (event.type === "aborted")
    return `Attempt ${event.attempt} at sum ${event.round} came to nothing, by its committee's word; again.`;
  if (event.type === "left-out")
    return `Sum ${event.round} goes on without you: ${event.why === "too-late" ? "it was too late" : "you were started again"}.`;
  if (event.type === "summed" && event.groupsSpoiled > 0)
    return `Sum ${event.round}: ${event.groupsSpoiled} groups were spoiled: somebody has added what it may not. They are left out.`;
  if (event.type === "summed" && event.groupsLost > 0)
    return `Sum ${event.round}: ${event.groupsLost} groups were lost.`;
  return undefined;
}
