import { countingAvailability, formatScu, rewardDefaults } from "@aegis-pool/core";
import type { AttendanceLine } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

/** What each of an operator's agents was good for in an epoch, and why not more of it counts. */
export function availableTable(epoch: number, lines: readonly AttendanceLine[]): string {
  if (lines.length === 0)
    return `None of your agents has been counted in epoch ${epoch}: what is counted shows within a minute.`;
  const columns = [
    { title: "agent" },
    { title: "here, SCU-hours", align: "right" as const },
    { title: "counts", align: "right" as const },
    { title: "offered", align: "right" as const },
    { title: "missed", align: "right" as const },
    { title: "why not more" },
  ];
  const rows = lines.map((line) => [
    line.agent.slice(0, 16),
    hours(line.connected),
    hours(countingAvailability(line, rewardDefaults)),
    ...[line.offered, line.missed].map(String),
    whyNotMore(line),
  ]);
  return `Epoch ${epoch}\n${table(columns, rows)}`;
}

function whyNotMore(line: AttendanceLine): string {
  if (countingAvailability(line, rewardDefaults) < line.available)
    return `it took or kept fewer than ${rewardDefaults.leastTakenPercent}% of what it was offered: none counts in this epoch`;
  if (line.available < line.connected)
    return `for a part of the time its floor price was above the reference price (what counts falls to nothing at ${rewardDefaults.mostPricePercent}% of it), it asked for no work, or had missed an offer or failed shortly before`;
  return "";
}

/** "12.3" of µSCU-seconds. */
function hours(microScuSeconds: number): string {
  return formatScu(microScuSeconds / 3_600).replace(/ SCU$/, "");
}
