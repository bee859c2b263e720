import { execFileSync } from "node:child_process";
import { arch, cpus, release, totalmem, type } from "node:os";
import { fileURLToPath } from "node:url";
import { formatBytes } from "@aegis-pool/core";

/** What the figures were measured on. Never a name or a path: results are published. */
export function describeMachine(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? "unknown processor";
  const system = `${type()} ${release()} ${arch()}`;
  return `${model}, ${cores.length} cores, ${formatBytes(totalmem())} memory, ${system}, Node.js ${process.versions.node}`;
}

/** The commit that is measured, with a plus where files differ from it; "unknown" outside a repository. */
export function currentCommit(): string {
  try {
    const changes = git("status", "--porcelain", "--untracked-files=no");
    return git("rev-parse", "--short=12", "HEAD") + (changes === "" ? "" : "+");
  } catch {
    return "unknown";
  }
}

function git(...args: string[]): string {
  const cwd = fileURLToPath(new URL(".", import.meta.url));
  return execFileSync("git", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}
