import type { KindOutcome, Outcome } from "./study.js";

/** An outcome in words and a table, a line each. */
export function linesOf(outcome: Outcome): string[] {
  const { scenario, tasks, wrongPart, overhead, honestDisproved, honestPunished, framing, kinds } = outcome;
  return [
    `${scenario}: ${tasks.toLocaleString("en-US")} tasks`,
    `  wrong results that became final: ${perTenThousand(wrongPart)} in 10,000; replication overhead: ${(100 * overhead).toFixed(1)}%`,
    `  right results of honest agents taken for wrong: ${honestDisproved}, punished: ${honestPunished}`,
    `  framing requesters paid ${framing.paidRuns} runs for ${framing.tasks} tasks: ${(framing.paidRuns / framing.tasks).toFixed(2)} charges each`,
    `  ${row(["kind", "keys", "runs", "wrong and final", "found out", "gain per run"])}`,
    ...kinds.map((kind) => `  ${row(cells(kind))}`),
  ];
}

function cells({ kind, identities, runs, wrongFinal, disproved, profitPerRun }: KindOutcome): string[] {
  return [kind, `${identities}`, `${runs}`, `${wrongFinal}`, `${disproved}`, profitPerRun.toFixed(3)];
}

const widths = [24, 7, 9, 17, 11, 14] as const;

function row(values: readonly string[]): string {
  return values
    .map((value, index) => (index === 0 ? value.padEnd(widths[0]) : value.padStart(widths[index] ?? 0)))
    .join("");
}

function perTenThousand(part: number): string {
  return (part * 10_000).toFixed(2);
}
