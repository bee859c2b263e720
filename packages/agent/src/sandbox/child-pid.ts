import type { Readable } from "node:stream";

/** Longest report that bubblewrap is listened to for. */
const maxReportChars = 4096;

/**
 * The pid of what bubblewrap started, out of its `--info-fd` report; undefined where it ended without one. The report
 * is read to its end: closing it early would end bubblewrap by SIGPIPE.
 */
export function readChildPid(report: Readable): Promise<number | undefined> {
  let text = "";
  return new Promise((resolve) => {
    report.on("data", (chunk: Buffer) => {
      if (text.length < maxReportChars) text += chunk.toString();
      const pid = /"child-pid":\s*(\d+)\D/.exec(text)?.[1];
      if (pid !== undefined) resolve(Number(pid));
    });
    report.once("close", () => resolve(undefined));
  });
}
