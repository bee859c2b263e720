import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { AegisError } from "@aegis-pool/core";
import { hasCode } from "@aegis-pool/platform";
import type { AgentStatus, ControlAnswer, ControlCommand } from "./control-messages.js";
import { withControlPath } from "./control-path.js";

/**
 * Asks the agent that runs with `directory`, and returns how it is doing afterwards.
 * @throws {AegisError} `agent-not-running`, `directory-unreachable` where the folder is another user's, or `unknown-version`
 */
export async function askAgent(directory: string, command: ControlCommand): Promise<AgentStatus> {
  const socket = await withControlPath(directory, reach).catch((error: unknown) => {
    throw hasCode(error, "EACCES") || hasCode(error, "EPERM")
      ? notYours(directory, error)
      : notRunning(directory, error);
  });
  socket.write(`${JSON.stringify({ command })}\n`);
  const said = await text(socket).catch(() => "");
  if (said === "") throw notRunning(directory, undefined);
  const answer = JSON.parse(said) as ControlAnswer;
  if ("status" in answer) return answer.status;
  throw new AegisError({
    code: "unknown-version",
    message: `The agent does not take "${command}": ${answer.refused}.`,
    next: "Stop it and start it again with this version of aegis.",
  });
}

async function reach(path: string): Promise<Socket> {
  const socket = connect(path);
  await once(socket, "connect");
  return socket;
}

function notRunning(directory: string, cause: unknown): AegisError {
  return new AegisError({
    code: "agent-not-running",
    message: `No agent runs with the folder ${directory}.`,
    next: "Start one with `aegis agent`, or name the folder of the one that runs with --state.",
    cause,
  });
}

function notYours(directory: string, cause: unknown): AegisError {
  return new AegisError({
    code: "directory-unreachable",
    message: `The agent in the folder ${directory} belongs to another user of this machine.`,
    next: "Ask as the user who started it.",
    cause,
  });
}
