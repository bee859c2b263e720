import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { epochAt, rewardDefaults } from "@aegis-pool/core";
import type { Benchmark } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { fillEpoch } from "../epoch/fill.js";
import { inChild } from "../epoch/in-child.js";

const [receipts, accounts] = [1_000_000, 100_000];

/** What closing and verifying a large epoch takes. */
export const epoch: Benchmark = {
  name: "epoch",
  summary:
    "closing an epoch of 1,000,000 receipts and 100,000 accounts from the pool's database, and verifying its file, beside a script without our code",
  async run({ seed, say }) {
    const folder = await temporaryFolder();
    try {
      say(`signing ${receipts} receipts of ${accounts} operators`);
      const number = epochAt(Date.now(), rewardDefaults).number - 1;
      await fillEpoch(folder.path, { receipts, accounts, epoch: number, seed });
      const file = join(folder.path, "epoch.jsonl");
      say("closing the epoch");
      const built = await inChild("close", { directory: folder.path, file });
      say("verifying its file");
      const verified = await inChild("verify", { file });
      say("recomputing it by the script that shares no code with ours");
      return {
        figures: [
          { name: "buildSeconds", value: built.ms / 1_000, unit: "s", atMost: 60 },
          { name: "buildMiB", value: built.memoryMiB, unit: "MiB", atMost: 1_024 },
          { name: "buildStallMs", value: built.stallMs, unit: "ms" },
          { name: "verifySeconds", value: verified.ms / 1_000, unit: "s", atMost: 60 },
          { name: "verifyMiB", value: verified.memoryMiB, unit: "MiB", atMost: 1_024 },
        ],
        baseline: { scriptSeconds: await scriptSeconds(file) },
      };
    } finally {
      await folder.remove();
    }
  },
};

/** How long `examples/epoch/recompute.mjs` takes, which says whether the file is as it was signed. */
async function scriptSeconds(file: string): Promise<number> {
  const script = fileURLToPath(new URL("../../../examples/epoch/recompute.mjs", import.meta.url));
  const begun = performance.now();
  await promisify(execFile)(process.execPath, [script, file], { maxBuffer: 64 * 1024 ** 2 });
  return (performance.now() - begun) / 1_000;
}
