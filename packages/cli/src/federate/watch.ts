import { toHex } from "@aegis-pool/core";
import { describePlan, describeResult, openPlan, spentAfter } from "@aegis-pool/plans";
import { observe, openReference, type RunStatus, statusOf } from "@aegis-pool/sdk";
import { untilInterrupted } from "../interrupts.js";
import { createOutput } from "../terminal/output.js";
import { procedureOf } from "./plans.js";
import { writeResult } from "./results.js";
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
  const { what, privacy } = describePlan(plan, now.terms);
  const spent = spentAfter(plan, now.terms);
  const epsilonAfter = ({ round }: RoundLine) => spent(round);
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
  const shown = {
    run,
    plan: what,
    privacy,
    ...statusText(now),
    auc: lines.findLast((line) => line.auc !== undefined)?.auc,
    rounds: lines.map((line) => ({ ...line, epsilon: epsilonAfter(line) })),
  };
  const head = `Run ${run.slice(0, 12)}, ${what}: ${shown.phase}${now.reason === undefined ? "" : ` (${now.reason})`}, ${now.enrolled} of ${now.seats} seats taken, ${now.ready} ready for the next sum.\nIt promises ${privacy}.`;
  output.result(shown, lines.length === 0 ? head : `${head}\n${roundsTable(lines, epsilonAfter)}`);
}

export async function result(path: string, flags: { readonly out: string; readonly json?: boolean }): Promise<void> {
  const output = createOutput(flags.json === true);
  const reference = await openReference(path);
  const plan = openPlan(reference.plan);
  const stop = new AbortController();
  void untilInterrupted().then(() => stop.abort());
  const made = await observe(reference, await procedureOf(plan), { signal: stop.signal });
  const { privacy } = describePlan(plan, (await statusOf(reference)).terms);
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

function lastOf(text: string): string {
  return text.slice(text.lastIndexOf("\n") + 1);
}
