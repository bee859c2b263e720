import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryDirectory } from "./temporary.js";

/** Why no real file system of a given size can be made here; undefined where one can. */
export function whyNoTinyDisk(): string | undefined {
  if (process.platform !== "linux") return `a tmpfs is mounted on Linux, not on ${process.platform}`;
  if (process.getuid?.() !== 0) return "only root may mount a tmpfs";
  try {
    execFileSync("unshare", ["--mount", "mount", "-t", "tmpfs", "none", "/mnt"], { stdio: "pipe" });
    return undefined;
  } catch (error) {
    return `mount is not allowed: ${(error as Error).message}`;
  }
}

/** A directory on a file system of its own with room for `bytes`, unmounted after the test. */
export async function tinyDisk(bytes: number): Promise<string> {
  const disk = join(await temporaryDirectory(), "disk");
  mkdirSync(disk);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "none", disk]);
  onTestFinished(() => void execFileSync("umount", ["--lazy", disk]));
  return disk;
}
