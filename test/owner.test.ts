import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "./fixtures/accounts.js";
import { askAgent, type ControlCommand } from "../packages/agent/src/index.js";
import { jsProgram } from "../packages/sdk/src/index.js";
import { AegisProcess, startAgentProcess, startPoolProcess } from "./fixtures/processes.js";
import { temporaryDirectory } from "./fixtures/temporary.js";

const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
const linux = process.platform === "linux";

let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let pool: AegisProcess;
let agent: AegisProcess;
let url: string;

beforeAll(async () => {
  home = await temporaryDirectory();
  ({ pool, url } = await startPoolProcess(join(home.path, "pool")));
  agent = await startAgentProcess(url, join(home.path, "agent"));
});

afterAll(async () => {
  for (const each of [agent, pool]) if (each.isAlive) await each.stop();
  await home.remove();
});

interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `aegis agent COMMAND` as an owner calls it. */
function ask(command: string, ...more: string[]): Promise<Answer> {
  const args = [aegis, "agent", command, "--state", join(home.path, "agent"), ...more];
  return new Promise((answered) => {
    execFile(process.execPath, args, (error, stdout, stderr) =>
      answered({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

/** The same without a process of its own for each question. */
const askDirectly = (command: ControlCommand) => askAgent(join(home.path, "agent"), command);

/** States of the processes under `pid`, such as "T" for one that is stopped, of those that have used CPU time. */
function statesBelow(pid: number): string[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const parents = new Map(all.flatMap((name) => readStat(name)));
  const below = (name: string): boolean => {
    const parent = parents.get(name)?.parent;
    return parent !== undefined && (parent === String(pid) || below(parent));
  };
  return all.filter(below).map((name) => parents.get(name)?.state ?? "");
}

function readStat(name: string): [string, { state: string; parent: string }][] {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, "latin1");
    const [state = "", parent = ""] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return [[name, { state, parent }]];
  } catch {
    return [];
  }
}

const program = jsProgram(
  "export default (ms) => { const end = Date.now() + ms; while (Date.now() < end); return ms; };",
);

describe("the owner of a lending machine", () => {
  it("sees that it lends, in words and as JSON", async () => {
    const { code, stdout } = await ask("status");
    expect([code, stdout]).toEqual([0, expect.stringContaining("Lending cpu=50%,memory=1GiB")]);
    const answer: unknown = JSON.parse((await ask("status", "--json")).stdout);
    expect(answer).toMatchObject({ connected: true, running: [], pid: expect.any(Number) });
  });

  it.skipIf(!linux)("pauses what runs at once, and what is resumed ends well", async () => {
    const requester = await connectFunded(url);
    const job = await requester.map<number, number>(program, [3_000]);
    await expect.poll(async () => (await askDirectly("status")).running.length).toBe(1);
    const paused = await askDirectly("pause");
    expect(paused).toMatchObject({ paused: { reason: "paused-by-hand" }, running: [{ number: expect.any(Number) }] });
    await expect.poll(() => statesBelow(paused.pid)).toContain("T"); // once the system gives it the processor to stop with
    const resumed = await askDirectly("resume");
    expect(resumed.paused).toBeUndefined();
    expect(statesBelow(resumed.pid)).not.toContain("T");
    for await (const result of job) expect(result).toMatchObject({ ok: true, value: 3_000 });
    expect((await askDirectly("status")).tasksDone).toBe(resumed.tasksDone + 1);
  });

  it("gets no work while it is paused, and gets it once it is resumed", async () => {
    expect((await ask("pause")).stdout).toContain("Paused: you paused it");
    await agent.says(({ event }) => event === "paused");
    const requester = await connectFunded(url);
    const job = await requester.map<number, number>(program, [1]);
    await expect.poll(() => job.progress.counts?.queued).toBe(1);
    expect((await askDirectly("status")).running).toEqual([]);
    await ask("resume");
    for await (const result of job) expect(result.ok).toBe(true);
  });

  it("is told by one error with a code where no agent runs", async () => {
    const { code, stderr } = await ask("pause", "--state", join(home.path, "nobody"));
    expect([code, stderr]).toEqual([1, expect.stringContaining("[agent-not-running]")]);
  });

  it("cannot start a second agent on the folder of the first", async () => {
    const second = await new Promise<Answer>((answered) => {
      const args = [aegis, "agent", "--pool", url, "--state", join(home.path, "agent")];
      execFile(process.execPath, args, (error, stdout, stderr) =>
        answered({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
    expect([second.code, second.stderr]).toEqual([1, expect.stringContaining("[directory-in-use]")]);
  });
});

/** An hour of the day that does not hold now, nor will in the next two hours. */
function anotherHour(): string {
  const hour = (new Date().getHours() + 3) % 24;
  return `${hour}-${(hour + 1) % 24}`;
}

const whereLinux: [string[], string][] = linux ? [[["--only-when-idle", "--quiet", "24h"], "owner-active"]] : [];

describe("an agent that is lent under terms", () => {
  it.each<[string[], string]>([[["--hours", anotherHour()], "outside-hours"], ...whereLinux])(
    "with %o is not lent now and says why, also when its owner resumes it",
    async (terms, reason) => {
      const state = join(home.path, reason);
      const other = new AegisProcess(["agent", "--pool", url, "--state", state, ...terms]);
      expect(await other.says(({ event }) => event === "paused")).toMatchObject({ reason });
      await other.says(({ event }) => event === "connected");
      expect(await askAgent(state, "resume")).toMatchObject({ paused: { reason } });
      await other.stop();
      expect(other.exitCode).toBe(0);
    },
  );

  it("is not started where its hours are no hours", async () => {
    const other = new AegisProcess(["agent", "--pool", url, "--state", join(home.path, "never"), "--hours", "late"]);
    await other.exited;
    expect([other.exitCode, other.written]).toEqual([2, expect.stringContaining("bad-argument")]);
  });
});
