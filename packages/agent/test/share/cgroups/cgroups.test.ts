import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { createEngines, type EnginesOptions } from "../../../src/engines/index.js";
import { openRuntime } from "../../../src/engines/open.js";
import { findDeno } from "../../../src/sandbox/deno.js";
import { startProcess } from "../../../src/sandbox/process.js";
import { chooseWalls } from "../../../src/sandbox/walls/choose.js";
import { findHierarchies } from "../../../src/share/cgroups/hierarchy.js";
import { Brake, type Hold, openCgroups, openHolder } from "../../../src/share/index.js";
import { roomyLimits } from "../../engines/support/variants.js";
import { reasonOf, tagged, valueOf } from "../../engines/support/values.js";

const granted = await openCgroups();
const required = process.env["AEGIS_REQUIRE_CGROUPS"] === "1";
if (typeof granted !== "string") granted.close();
else if (required) throw new Error(`AEGIS_REQUIRE_CGROUPS=1, but ${granted}`);
else console.warn(`skipped what needs cgroups: ${granted}`);

const agentFile = fileURLToPath(new URL("./killed-agent.mjs", import.meta.url));
const echo = { engine: "js", bytes: new TextEncoder().encode("export default (value) => value") } as const;

/** All folders of one controller's group of a process. */
function groupOf(pid: number | "self", controller: "cpu" | "memory"): string {
  const first = findHierarchies(
    readFileSync("/proc/self/mountinfo", "latin1"),
    readFileSync(`/proc/${pid}/cgroup`, "latin1"),
  ).find(({ version }) => typeof granted !== "string" && granted.name.endsWith(String(version)));
  return first?.[controller] ?? "none";
}

async function enginesWith(options: EnginesOptions) {
  const engines = await createEngines({ prewarm: 0, ...options });
  onTestFinished(() => engines.close());
  return engines;
}

async function startAgent() {
  const agent = spawn(process.execPath, [agentFile], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void agent.kill("SIGKILL"));
  await once(agent.stdout, "data");
  return agent;
}

/** How many groups there are of the agent that is, or was, this process. */
const left = (pid: number | undefined) =>
  readdirSync(groupOf("self", "cpu")).filter((name) => name.startsWith(`aegis-${pid}-`)).length;

describe.skipIf(typeof granted === "string")("where the system grants groups", () => {
  it("a job's process is in one of its own, which is gone when the job is", async () => {
    const engines = await enginesWith({ cpuPercentPerProcess: 30 });
    const [one, two] = [await engines.open(echo, roomyLimits), await engines.open(echo, roomyLimits)];
    const folders = (["cpu", "memory"] as const).flatMap((each) => [groupOf(one.pid, each), groupOf(two.pid, each)]);
    expect(new Set(folders.map((folder) => folder.split("/").at(-1))).size).toBe(2);
    for (const folder of folders) expect(folder).toContain(`/aegis-${process.pid}-`);
    expect(valueOf(await one.run(tagged(7)))).toBe(7);
    await engines.close();
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
    expect(engines.heldBy).toBe(typeof granted === "string" ? "" : granted.name);
  });

  it("its quota is the share, and its memory the engine's own and what the job may use", async () => {
    const engines = await enginesWith({ cpuPercentPerProcess: 30 });
    const { pid } = await engines.open(echo, { ...roomyLimits, memoryBytes: 2 ** 28 });
    const read = (controller: "cpu" | "memory", ...files: string[]) =>
      readFileSync(files.map((file) => join(groupOf(pid, controller), file)).find(existsSync) ?? "", "latin1").trim();
    expect(read("cpu", "cpu.cfs_quota_us", "cpu.max").split(" ")[0]).toBe("30000");
    const most = Number(read("memory", "memory.limit_in_bytes", "memory.max"));
    expect(most).toBeGreaterThan(2 ** 28);
    expect(most).toBeLessThan(2 ** 28 + 2 ** 27);
  });

  it("a process that goes over its memory is ended by the kernel, and its task told so", async () => {
    const walls = await chooseWalls(findDeno() ?? "", "off");
    const holder = await openHolder({ percent: 100, cgroups: "auto", brake: new Brake() });
    const process = await startProcess(walls.command);
    const hold = holder.hold(process.pid);
    onTestFinished(async () => {
      await hold.release();
      holder.close();
    });
    const code = "export default () => { const kept = []; for (;;) kept.push(new Uint8Array(1e6).fill(1)) }";
    const program = { engine: "js", bytes: new TextEncoder().encode(code) } as const;
    const limits = { ...roomyLimits, memoryBytes: 2 ** 26 };
    const tighter: Hold = {
      limitMemory: (bytes) => hold.limitMemory(bytes / 2), // so that the kernel comes before whoever watches the process
      get ranOutOfMemory() {
        return hold.ranOutOfMemory;
      },
      release: () => hold.release(),
    };
    const runtime = await openRuntime({ process, program, limits, hold: tighter, assets: [], limitData: undefined });
    expect(reasonOf(await runtime.run(tagged(1)))).toBe("memory-limit");
    await runtime.gone;
    expect(hold.ranOutOfMemory).toBe(true);
  });

  it("what a killed agent left is taken away at the next start, and what a living one has is not", async () => {
    const [killed, living] = [await startAgent(), await startAgent()];
    killed.kill("SIGKILL");
    await once(killed, "exit");
    expect([left(killed.pid), left(living.pid)]).toEqual([1, 1]);
    const next = await openCgroups();
    if (typeof next !== "string") next.close();
    expect([left(killed.pid), left(living.pid)]).toEqual([0, 1]);
    living.kill("SIGKILL");
    await once(living, "exit");
    await openCgroups();
    expect(left(living.pid)).toBe(0);
  });

  it("a share that they are not to hold is held by stopping and continuing", async () => {
    const engines = await enginesWith({ cpuPercentPerProcess: 30, cgroups: "off" });
    const { pid } = await engines.open(echo, roomyLimits);
    expect(groupOf(pid, "cpu")).toBe(groupOf("self", "cpu"));
    expect(engines.heldBy).toBe("stopping and continuing");
  });
});
