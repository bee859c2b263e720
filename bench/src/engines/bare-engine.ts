import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assetsOf, findDeno } from "@aegis-pool/agent";
import type { Program } from "@aegis-pool/sdk";
import { cleanedUp } from "../cleanups.js";

/** An engine without any sandbox, with one program in it. */
export interface BareEngine {
  /** Resolves when one more run has ended. */
  run(): Promise<void>;
  close(): Promise<unknown>;
}

const entry = fileURLToPath(new URL("./bare-process.js", import.meta.url));

/** Starts the agent's own Deno binary on `program`, with every permission and nothing around it but the sandbox's priority. */
export async function openBareEngine({ engine, bytes }: Program, folder: string): Promise<BareEngine> {
  const programFile = join(folder, `${engine}.program`);
  await writeFile(programFile, bytes);
  const assetFiles = await writeAssets(engine, folder);
  const command = [findDeno() ?? "deno", "run", "-A", "--quiet", entry, engine, programFile, ...assetFiles];
  const child = spawnAtLowPriority(command);
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    close: cleanedUp(async () => child.kill("SIGKILL")),
    async run() {
      child.stdin.write("null\n");
      if ((await answers.next()).done) throw new Error(`the bare ${engine} engine ended; see above`);
    },
  };
}

/** A sandbox runs at the lowest priority: on a machine with other work the comparison would measure that alone. */
function spawnAtLowPriority([file = "", ...args]: readonly string[]) {
  const stdio: ["pipe", "pipe", "inherit"] = ["pipe", "pipe", "inherit"];
  if (process.platform === "win32") return spawn(file, args, { stdio });
  return spawn("nice", ["-n", "19", file, ...args], { stdio });
}

async function writeAssets(engine: Program["engine"], folder: string): Promise<string[]> {
  const assets = assetsOf(engine);
  if (!assets.ok) throw new Error(assets.missing.why);
  const files = await assets.read();
  const paths = files.map((_, index) => join(folder, `${engine}.asset${index}`));
  await Promise.all(files.map((bytes, index) => writeFile(paths[index] ?? "", bytes)));
  return paths;
}
