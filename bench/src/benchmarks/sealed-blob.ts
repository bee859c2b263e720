import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { type PassName, randomPieces } from "../sealing/passes.js";
import type { PassResult } from "../sealing/sealing-process.js";
import { median } from "../statistics.js";

const mebibyte = 1024 ** 2;
const blobMebibytes = 256;

/** Each pass, in the order of a round: what it reads, and what it writes. */
const plan: readonly { readonly name: PassName; readonly from: string; readonly to: string }[] = [
  { name: "bareSeal", from: "plain", to: "bare" },
  { name: "seal", from: "plain", to: "sealed" },
  { name: "bareOpen", from: "bare", to: "opened" },
  { name: "open", from: "sealed", to: "opened" },
];

/** How fast a large blob is sealed and opened, file to file, beside the bare cipher on the same files. */
export const sealedBlob: Benchmark = {
  name: "sealed-blob",
  summary: "sealing and opening 256 MiB, file to file, against bare AES-256-GCM with the same SHA-256",
  async run(options) {
    const folder = await temporaryFolder();
    try {
      await pipeline(randomPieces(blobMebibytes * mebibyte), createWriteStream(join(folder.path, "plain")));
      const results = await measure(folder.path, options);
      const speed = (name: PassName) => blobMebibytes / (median(results[name].map(({ ms }) => ms)) / 1_000);
      const peak = (name: PassName) => Math.max(...results[name].map(({ peakBytes }) => peakBytes)) / mebibyte;
      return {
        figures: [
          { name: "sealRatio", value: speed("seal") / speed("bareSeal"), unit: "ratio", atLeast: 0.8 },
          { name: "openRatio", value: speed("open") / speed("bareOpen"), unit: "ratio", atLeast: 0.8 },
          { name: "sealPeakMiB", value: peak("seal"), unit: "MiB", atMost: 96 },
          { name: "openPeakMiB", value: peak("open"), unit: "MiB", atMost: 96 },
          { name: "sealMiBPerSecond", value: speed("seal"), unit: "MiB/s" },
          { name: "openMiBPerSecond", value: speed("open"), unit: "MiB/s" },
        ],
        baseline: { bareSealMiBPerSecond: speed("bareSeal"), bareOpenMiBPerSecond: speed("bareOpen") },
      };
    } finally {
      await folder.remove();
    }
  },
};

type Results = Record<PassName, PassResult[]>;

/** Ours and the bare one in turns, so that what else the machine does meets both. */
async function measure(folder: string, { long, say }: RunOptions): Promise<Results> {
  const results: Results = { seal: [], open: [], bareSeal: [], bareOpen: [] };
  const rounds = long ? 20 : 5;
  for (let round = 0; round < rounds; round++) {
    say(`round ${round + 1} of ${rounds}`);
    for (const { name, from, to } of plan) {
      results[name].push(await runPass(name, join(folder, from), join(folder, to)));
    }
  }
  return results;
}

async function onDisk(path: string): Promise<void> {
  const file = await open(path, "r+");
  await file.sync();
  await file.close();
}

const entry = fileURLToPath(new URL("../sealing/sealing-process.js", import.meta.url));

/** Into a file that is not there yet: overwriting one is faster, and would favour whoever comes second. */
async function runPass(name: PassName, from: string, to: string): Promise<PassResult> {
  await rm(to, { force: true });
  const { stdout } = await promisify(execFile)(process.execPath, [entry, name, from, to]);
  await onDisk(to); // else the next pass waits for what this one has left to the disk
  return JSON.parse(stdout) as PassResult;
}
