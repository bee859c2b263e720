import type { Benchmark } from "../benchmark.js";
import { median } from "../statistics.js";
import { trainOwn } from "../training/own-engine.js";
import { type Trained, trainingTask } from "../training/task.js";
import { openTfjs } from "../training/tfjs-engine.js";

const rounds = { short: 5, long: 15 } as const;

/** How fast a participant trains by itself. */
export const trainEngine: Benchmark = {
  name: "train-engine",
  summary:
    "MLP 24-64-32-1 over 20,000 rows, batches of 256, 5 epochs of Adam: our engine, in plain JavaScript, against TensorFlow.js on WebAssembly",
  async run({ long, seed, say }) {
    const task = trainingTask(seed);
    const tfjs = await openTfjs();
    say("warming both up");
    const first = trainOwn(task);
    await tfjs.train(task);
    const ours: Trained[] = [];
    const theirs: Trained[] = [];
    for (let round = 1; round <= (long ? rounds.long : rounds.short); round++) {
      say(`round ${round}`);
      // In turns, so that whatever else the machine does slows both.
      ours.push(trainOwn(task));
      theirs.push(await tfjs.train(task));
    }
    const [engineMs, tfjsMs] = [medianMs(ours), medianMs(theirs)];
    const tfjsLoss = theirs.at(-1)?.loss ?? Number.NaN;
    return {
      figures: [
        { name: "engineMs", value: engineMs, unit: "ms" },
        { name: "timesFaster", value: tfjsMs / engineMs, unit: "ratio", atLeast: 1 },
        { name: "lossDifference", value: Math.abs(first.loss - tfjsLoss), unit: "nats", atMost: 0.001 },
        { name: "otherLosses", value: ours.filter(({ loss }) => loss !== first.loss).length, unit: "runs", atMost: 0 },
        { name: "loss", value: first.loss, unit: "nats" },
      ],
      baseline: { tfjsMs, tfjsLoss, tfjsSimd: Number(tfjs.hasSimd), tfjsThreads: tfjs.threads },
    };
  },
};

function medianMs(runs: readonly Trained[]): number {
  return median(runs.map(({ ms }) => ms));
}
