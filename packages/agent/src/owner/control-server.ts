import { mkdir, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { AegisError } from "@aegis-pool/core";
import {
  type AgentStatus,
  type ControlAnswer,
  type ControlCommand,
  maxRequestChars,
  readRequest,
} from "./control-messages.js";
import { controlPath, withControlPath } from "./control-path.js";

/** An owner asks one thing at a time; more connections than this are closed. */
const maxConnections = 8;
/** A connection that asks nothing for this long is closed, in ms. */
const askWithinMs = 5_000;

/** Where an agent's owner talks to it. */
export interface Control {
  /** From now on commands are answered; those that came before have waited. */
  serve(answer: (command: ControlCommand) => AgentStatus): void;
  close(): Promise<void>;
}

/**
 * Listens in `directory` for the owner, and for nobody else: the socket has the owner's permissions alone. It is this
 * process's as long as it lives; what a killed agent left is taken over.
 * @throws {AegisError} `directory-in-use` where a living agent listens there
 */
export async function openControl(directory: string): Promise<Control> {
  let serve!: Control["serve"];
  const served = new Promise<(command: ControlCommand) => AgentStatus>((resolve) => (serve = resolve));
  const server = createServer((socket) => hear(socket, served));
  server.maxConnections = maxConnections;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await withControlPath(directory, (path) => listenAlone(server, path, directory));
  server.unref();
  return {
    serve,
    close: async () => {
      await new Promise((closed) => server.close(closed));
      if (process.platform !== "win32") await rm(controlPath(directory), { force: true });
    },
  };
}

async function listenAlone(server: Server, path: string, directory: string): Promise<void> {
  if (await isAnswered(path)) throw inUse(directory);
  if (process.platform !== "win32") await rm(path, { force: true });
  await new Promise<void>((listening, failed) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      failed(error.code === "EADDRINUSE" ? inUse(directory) : error),
    );
    // the socket is made within listen(), and must never be anybody else's, not even for a moment
    const before = process.platform === "win32" ? undefined : process.umask(0o177);
    server.listen(path, listening);
    if (before !== undefined) process.umask(before);
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((answered) => {
    const socket = connect(path);
    socket.once("connect", () => (socket.destroy(), answered(true)));
    socket.once("error", () => answered(false));
  });
}

function hear(socket: Socket, served: Promise<(command: ControlCommand) => AgentStatus>): void {
  let text = "";
  socket.setEncoding("utf8").setTimeout(askWithinMs, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: string) => {
    text += chunk;
    const end = text.indexOf("\n");
    if (end < 0 && text.length <= maxRequestChars) return;
    socket.removeAllListeners("data").setTimeout(0).resume();
    void reply(socket, end < 0 ? undefined : readRequest(text.slice(0, end)), served);
  });
}

async function reply(
  socket: Socket,
  command: ControlCommand | undefined,
  served: Promise<(command: ControlCommand) => AgentStatus>,
): Promise<void> {
  const answer = await served;
  const said: ControlAnswer = command ? { status: answer(command) } : { refused: "not a command of this version" };
  socket.end(`${JSON.stringify(said)}\n`);
}

function inUse(directory: string): AegisError {
  return new AegisError({
    code: "directory-in-use",
    message: `Another agent runs with the folder ${directory}.`,
    next: "Use that one (`aegis agent status` shows it), stop it, or give this one another folder with --state.",
  });
}
