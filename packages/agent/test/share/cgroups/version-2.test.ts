import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { temporaryDirectory } from "../../../../../test/fixtures/temporary.js";
import { shareOutControllers } from "../../../src/share/cgroups/delegation.js";
import { Group } from "../../../src/share/cgroups/group.js";

/** A folder of plain files as the kernel would show them: version 2 with our controllers is not on every machine. */
async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const { path, ...temporary } = await temporaryDirectory();
  onTestFinished(() => temporary.remove());
  for (const [name, text] of Object.entries(files)) await writeFile(join(path, name), text);
  return path;
}

it("a group of version 2 holds a process to its quota, and to the memory used so far and what is lent", async () => {
  const path = await folderOf({});
  const group = new Group({ version: 2, cpu: path, memory: path }, "aegis-1-2-3");
  const folder = join(path, "aegis-1-2-3");
  const text = (file: string) => readFile(join(folder, file), "utf8");
  await writeFile(join(folder, "memory.current"), "1000\n");
  await writeFile(join(folder, "memory.swap.max"), "max\n");
  group.hold(4242, 25);
  group.limitMemory(500);
  expect(await text("cpu.max")).toBe("25000 100000");
  expect(await text("cgroup.procs")).toBe("4242");
  expect(await text("memory.max")).toBe("1500");
  expect(await text("memory.swap.max")).toBe("0");
  expect(group.ranOutOfMemory).toBe(false);
  await writeFile(join(folder, "memory.events"), "low 0\noom 4\noom_kill 1\n");
  expect(group.ranOutOfMemory).toBe(true);
});

it("controllers are shared out after the agent has moved out of their way, and taken back", async () => {
  const path = await folderOf({ "cgroup.controllers": "cpuset cpu io memory\n", "cgroup.subtree_control": "\n" });
  const own = join(path, "aegis-1-2-agent");
  const undo = shareOutControllers(path, "aegis-1-2-agent");
  expect(await readFile(join(own, "cgroup.procs"), "utf8")).toBe(String(process.pid));
  expect(await readFile(join(path, "cgroup.subtree_control"), "utf8")).toBe("+cpu +memory");
  expect(undo).toThrow("ENOTEMPTY"); // the kernel's files do not count, these do
  expect(await readFile(join(path, "cgroup.subtree_control"), "utf8")).toBe("-cpu -memory");
  expect(await readFile(join(path, "cgroup.procs"), "utf8")).toBe(String(process.pid));
});

it("controllers that are shared out already are left alone", async () => {
  const path = await folderOf({ "cgroup.controllers": "cpu memory", "cgroup.subtree_control": "cpu memory pids\n" });
  shareOutControllers(path, "aegis-1-2-agent")();
  expect(await readdir(path)).toEqual(["cgroup.controllers", "cgroup.subtree_control"]);
});

it("controllers that are not ours are said by name", async () => {
  const path = await folderOf({ "cgroup.controllers": "pids memory", "cgroup.subtree_control": "" });
  await mkdir(join(path, "other"));
  expect(() => shareOutControllers(path, "aegis-1-2-agent")).toThrow("no cpu controller");
});
