import { spentEpsilon, toHex } from "@aegis-pool/core";
import { observe, openReference, type RunStatus, statusOf } from "@aegis-pool/sdk";
import { chargedBudget } from "@aegis-pool/workload-credit";
import { untilInterrupted } from "../interrupts.js";
import { createOutput } from "../terminal/output.js";
import { describePlan, type KnownPlan, openPlan, procedureOf } from "./plans.js";
import { describeResult, writeResult } from "./results.js";
import { type RoundLine, roundsTable, withLines } from "./rounds-table.js";

interface WatchFlags {
  readonly watch?: boolean;
  readonly json?: boolean;
}

export async function status(path: string, flags: WatchFlags): Promise<void> {
  const output = createOutput(flags.json === true);
  const reference = await openReference(path);
  const plan = openPlan(reference.plan);
  const now = await statusOf(reference);
  const stop = new AbortController();
  void untilInterrupted().then(() => stop.abort());
  const epsilonAfter = spentAfter(plan);
  const lines: RoundLine[] = [];
  const onLine = (line: RoundLine) => {
    lines.push(line);
    if (flags.watch === true) output.note(lastOf(roundsTable(lines, epsilonAfter)));
    else if (line.round >= now.rounds) stop.abort();
  };
  const hasRounds = now.rounds > 0 || (flags.watch === true && now.phase !== "failed");
  if (hasRounds)
    await seen(observe(reference, withLines(await procedureOf(plan), onLine), { signal: stop.signal }), stop);
  const run = toHex(reference.run);
  const { what, privacy } = describePlan(plan, now.terms.floor);
  const shown = {
    run,
    plan: what,
    privacy,
    ...statusText(now),
    rounds: lines.map((line) => ({ ...line, epsilon: epsilonAfter(line) })),
  };
  const head = `Run ${run.slice(0, 12)}, ${what}: ${shown.phase}${now.reason === undefined ? "" : ` (${now.reason})`}, ${now.enrolled} of ${now.seats} seats taken, ${now.ready} ready for the next sum.`;
  output.result(shown, lines.length === 0 ? head : `${head}\n${roundsTable(lines, epsilonAfter)}`);
}

export async function result(path: string, flags: { readonly out: string; readonly json?: boolean }): Promise<void> {
  const output = createOutput(flags.json === true);
  const reference = await openReference(path);
  const plan = openPlan(reference.plan);
  const stop = new AbortController();
  void untilInterrupted().then(() => stop.abort());
  const made = await observe(reference, await procedureOf(plan), { signal: stop.signal });
  const { privacy } = describePlan(plan, (await statusOf(reference)).terms.floor);
  const files = await writeResult(flags.out, made, privacy);
  const measured = made.kind === "network" ? made.measured : undefined;
  output.result(
    { files, measured, privacy },
    [describeResult(made), ...files].filter((line) => line !== "").join("\n"),
  );
}

/** Waits for the end, or for having been stopped ourselves. */
async function seen(observed: Promise<unknown>, { signal }: AbortController): Promise<void> {
  await observed.catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function statusText({ phase, reason, seats, enrolled, ready }: RunStatus) {
  return { phase, reason, seats, enrolled, ready };
}

/** What is spent of the budget after a line's sum, where privacy is promised: each step of the descent is one. */
function spentAfter(plan: KnownPlan): (line: RoundLine) => number | undefined {
  if (plan.name !== "credit" || !plan.settings.privacy) return () => undefined;
  const { settings } = plan;
  return ({ round }) => {
    const budget = chargedBudget(settings, round);
    return budget && spentEpsilon(budget);
  };
}

function lastOf(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
