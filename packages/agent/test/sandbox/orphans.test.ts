import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const agentFile = fileURLToPath(new URL("./orphan-agent.mjs", import.meta.url));

/** Whether a process still runs or is stopped; a dead one may wait a while for the system to forget it. */
function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

it.skipIf(process.platform !== "linux").each(["auto", "off"])(
  "ends a job's process with its agent, even one that is stopped and loops (bubblewrap: %s)",
  async (bubblewrap) => {
    const agent = spawn(process.execPath, [agentFile, bubblewrap], { stdio: ["ignore", "pipe", "inherit"] });
    const [line] = (await once(agent.stdout, "data")) as [Buffer];
    const pid = Number(line);
    expect(isAlive(pid)).toBe(true);
    agent.kill("SIGKILL");
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  },
);
