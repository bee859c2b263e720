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
    system("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt");
    return undefined;
  } catch (error) {
    return `mount is not allowed: ${(error as Error).message}`;
  }
}

/** A directory on a file system of its own with room for `bytes`, unmounted after the test. */
export async function tinyDisk(bytes: number): Promise<string> {
  const disk = join(await temporaryDirectory(), "disk");
  mkdirSync(disk);
  system("mount", "-t", "tmpfs", "-o", `size=${bytes}`, "none", disk);
  onTestFinished(() => system("umount", "--lazy", disk));
  return disk;
}

/** Gives a {@link tinyDisk} room for `bytes`. */
export function resizeDisk(disk: string, bytes: number): void {
  system("mount", "-o", `remount,size=${bytes}`, disk);
}

function system(command: string, ...args: readonly string[]): void {
  execFileSync(command, args, { stdio: "pipe" });
}
