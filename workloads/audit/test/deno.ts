import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { AuditInput } from "../src/input.js";
import type { SarifLog } from "../src/sarif/types.js";
import { bundleProgram } from "../scripts/bundle.mjs";

/** What the realm answers: first for loading the program, then for each input. */
export interface Answer {
  readonly ms: number;
  readonly output: SarifLog | null;
  readonly error?: string;
  readonly rssBytes: number;
}

const flags = ["--no-prompt", "--no-remote", "--no-npm", "--cached-only", "--no-config", "--no-lock", "--quiet"];

/** Audits `inputs` one after the other in one Worker of a Deno process without permissions. */
export async function auditInDeno(inputs: readonly AuditInput[]): Promise<Answer[]> {
  const program = await readFile(await bundleProgram(), "utf8");
  const launcher = createRequire(import.meta.url).resolve("deno/bin.cjs");
  const script = fileURLToPath(new URL("realm.js", import.meta.url));
  const env = { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", DENO_DIR: "/dev/null/x" };
  const child = spawn(process.execPath, [launcher, "run", ...flags, script], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  child.stdin.end(JSON.stringify({ program, inputs }));
  const lines = (await text(child.stdout)).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Answer);
}
