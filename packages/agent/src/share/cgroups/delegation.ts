import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Version 2 shares controllers out to groups below only where no process is beside them: the agent moves into a group
 * of its own first. What is returned moves it back.
 * @throws where the controllers are not ours to share out, or another process is in our group
 */
export function shareOutControllers(folder: string, ownName: string): () => void {
  const words = (file: string): string[] => readFileSync(join(folder, file), "latin1").trim().split(/\s+/);
  const needed = ["cpu", "memory"];
  const missing = needed.filter((controller) => !words("cgroup.controllers").includes(controller));
  if (missing.length > 0) throw new Error(`${folder} has no ${missing.join(" and no ")} controller`);
  if (needed.every((controller) => words("cgroup.subtree_control").includes(controller))) return () => {};
  const own = join(folder, ownName);
  mkdirSync(own);
  const undo = (): void => {
    writeFileSync(join(folder, "cgroup.subtree_control"), "-cpu -memory");
    moveTo(folder);
    rmdirSync(own);
  };
  try {
    moveTo(own);
    writeFileSync(join(folder, "cgroup.subtree_control"), "+cpu +memory");
    return undo;
  } catch (error) {
    moveTo(folder);
    rmdirSync(own);
    throw error;
  }
}

function moveTo(group: string): void {
  writeFileSync(join(group, "cgroup.procs"), String(process.pid));
}
