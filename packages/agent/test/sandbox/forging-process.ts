import type { Command } from "../../src/sandbox/walls/wall.js";
import { frameHeader } from "../../src/sandbox/realm/frames.js";
import { fromSandbox, statuses } from "../../src/sandbox/realm/messages.js";

/** Bytes of one frame, as hex. */
export function frameHex(kind: number, id: number, body: readonly number[], claimedBytes = body.length): string {
  return Buffer.concat([frameHeader(kind, id, claimedBytes), Uint8Array.from(body)]).toString("hex");
}

export const ready = frameHex(fromSandbox.ready, 0, []);
/** The answer that preparing or loading went well. */
export const fine = (id: number): string => frameHex(fromSandbox.done, id, [statuses.ok]);

/**
 * A process that owns its stdout as a program would that had escaped its realm: it says `start`, and then, each time
 * anything arrives on stdin, the next of `answers`.
 */
export function forgingCommand(start: string, answers: readonly string[]): Command {
  const script = `
    const say = (hex) => process.stdout.write(Buffer.from(hex, "hex"));
    const answers = ${JSON.stringify(answers)};
    process.stdin.on("data", () => { if (answers.length > 0) say(answers.shift()); });
    say(${JSON.stringify(start)});`;
  return { file: process.execPath, args: ["-e", script], env: {}, spawn: {}, bubblewrap: undefined };
}
