import type { Readable } from "node:stream";

/** Longest report that bubblewrap is listened to for. */
const maxReportChars = 4096;

/** The pid of what bubblewrap started, out of its `--info-fd` report; undefined where it ended without one. */
export async function readChildPid(report: Readable): Promise<number | undefined> {
  let text = "";
  for await (const chunk of report) {
    text += String(chunk);
    const pid = /"child-pid":\s*(\d+)/.exec(text)?.[1];
    if (pid !== undefined) return Number(pid);
    if (text.length > maxReportChars) return undefined;
  }
  return undefined;
}
