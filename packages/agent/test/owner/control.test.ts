import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, stat } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import type { AgentStatus } from "../../src/owner/control-messages.js";
import { controlPath } from "../../src/owner/control-path.js";
import { askAgent, openControl } from "../../src/owner/index.js";

const unix = process.platform !== "win32";
const agentFile = fileURLToPath(new URL("./control-agent.mjs", import.meta.url));

async function folder(): Promise<string> {
  const temporary = await temporaryDirectory();
  onTestFinished(() => temporary.remove());
  return temporary.path;
}

async function serving(directory: string) {
  const heard: string[] = [];
  const control = await openControl(directory);
  onTestFinished(() => control.close());
  const serve = () => control.serve((command) => (heard.push(command), { pid: 4242 } as AgentStatus));
  return { heard, serve, control };
}

/** What is answered to `line`, written as it is. */
async function answerTo(directory: string, line: string): Promise<string> {
  const socket = connect(controlPath(directory));
  socket.write(line);
  return text(socket);
}

it("an owner is answered, also one who asks while the agent is still starting", async () => {
  const directory = await folder();
  const { heard, serve } = await serving(directory);
  const early = askAgent(directory, "status");
  serve();
  expect(await early).toEqual({ pid: 4242 });
  expect(await askAgent(directory, "pause")).toEqual({ pid: 4242 });
  expect(heard).toEqual(["status", "pause"]);
});

it.skipIf(!unix)("nobody but the owner may reach the socket", async () => {
  const directory = await folder();
  await serving(directory);
  expect((await stat(controlPath(directory))).mode & 0o077).toBe(0);
});

it("what is no command is refused, and does nothing", async () => {
  const directory = await folder();
  const { heard, serve } = await serving(directory);
  serve();
  for (const line of ["hello\n", '{"command":"leave"}\n', "[]\n", "null\n", "x".repeat(10_000)]) {
    expect(await answerTo(directory, line)).toContain("refused");
  }
  expect(heard).toEqual([]);
});

it("without an agent there is one error with a code, also where the folder does not exist", async () => {
  const directory = await folder();
  await expect(askAgent(directory, "pause")).rejects.toMatchObject({ code: "agent-not-running" });
  await expect(askAgent(join(directory, "none"), "status")).rejects.toMatchObject({ code: "agent-not-running" });
});

it("a second agent is refused the folder of a living one, which goes on", async () => {
  const directory = await folder();
  const { serve } = await serving(directory);
  serve();
  await expect(openControl(directory)).rejects.toMatchObject({ code: "directory-in-use" });
  expect(await askAgent(directory, "status")).toEqual({ pid: 4242 });
});

it.skipIf(!unix)("the socket of an agent that was killed is taken over", async () => {
  const directory = await folder();
  const killed = spawn(process.execPath, [agentFile, directory], { stdio: ["pipe", "pipe", "inherit"] });
  await once(killed.stdout, "data");
  expect(await askAgent(directory, "status")).toEqual({ pid: killed.pid });
  killed.kill("SIGKILL");
  await once(killed, "exit");
  expect(await readdir(directory)).toEqual(["control.sock"]);
  await expect(askAgent(directory, "status")).rejects.toMatchObject({ code: "agent-not-running" });
  const { serve } = await serving(directory);
  serve();
  expect(await askAgent(directory, "status")).toEqual({ pid: 4242 });
});

it("an agent that leaves takes its socket along", async () => {
  const directory = await folder();
  const { control } = await serving(directory);
  await control.close();
  expect(await readdir(directory)).toEqual([]);
});

it.skipIf(!unix)("a folder with a path that is too long for a socket does as well", async () => {
  const directory = join(await folder(), "a".repeat(90), "b".repeat(90));
  await mkdir(directory, { recursive: true });
  const { serve } = await serving(directory);
  serve();
  expect(await askAgent(directory, "status")).toEqual({ pid: 4242 });
  expect(await readdir(directory)).toEqual(["control.sock"]);
});
