import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { initialModel, seededUniform, type TrainingTerms } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { outsideTrainer } from "../../src/federated/trainer/outside-trainer.js";

const model = initialModel({ widths: [3, 2, 1], activation: "tanh" }, seededUniform(1));
const round = { round: 4, model, proximal: 0.25 };
const terms: TrainingTerms = {
  rounds: 5,
  mostParticipants: 10,
  strategy: { name: "fed-avg" },
  local: { optimiser: { name: "sgd", learningRate: 0.5 }, epochs: 2 },
  weighting: { by: "participant" },
  clip: { norm: 1 },
};

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeEach(async () => {
  folder = await temporaryDirectory();
});
afterEach(() => folder.remove());

/** A trainer that says in `AEGIS_DATA` how often it was run and what it was told, and fails the first `failures` times. */
function failing(failures: number) {
  const source = `const fs = require("node:fs"); const { env } = process;
    fs.appendFileSync(env.AEGIS_DATA, fs.readFileSync(env.AEGIS_ROUND));
    if (fs.readFileSync(env.AEGIS_DATA, "utf8").split("\\n").length - 1 <= ${failures}) throw new Error("not yet");
    fs.copyFileSync(env.AEGIS_MODEL, env.AEGIS_UPDATE);
    fs.writeFileSync(env.AEGIS_METRICS, '{"loss":0.5,"rows":7}');`;
  return { command: [process.execPath, "-e", source], dataPath: join(folder.path, "told") };
}

async function told(): Promise<unknown[]> {
  const lines = (await readFile(join(folder.path, "told"), "utf8")).trim().split("\n");
  return lines.map((line) => JSON.parse(line) as unknown);
}

describe("a program that trains in a run", () => {
  it("is told the run's terms, and its update is one of the parameters", async () => {
    const said = await outsideTrainer(failing(0), terms).train(round);
    expect(said).toEqual({ update: Float64Array.from(model.parameters), loss: 0.5, rows: 7 });
    const given = { widths: [3, 2, 1], activation: "tanh", optimiser: { name: "sgd", learningRate: 0.5 }, epochs: 2 };
    expect(await told()).toEqual([{ version: 1, task: "train", round: 4, terms: { ...given, proximal: 0.25 } }]);
  });

  it("is run again as long as its owner wants that", async () => {
    const failures: string[] = [];
    const tryAgain = (failure: Error): Promise<boolean> => Promise.resolve(failures.push(failure.message) > 0);
    const said = await outsideTrainer(failing(2), terms, { tryAgain }).train(round);
    expect(said.rows).toBe(7);
    expect(failures).toEqual([expect.stringContaining("not yet"), expect.stringContaining("not yet")]);
    expect(await told()).toHaveLength(3);
  });

  it("is not run again where nobody asks for it, nor where its owner declines", async () => {
    await expect(outsideTrainer(failing(9), terms).train(round)).rejects.toThrow("not yet");
    await expect(outsideTrainer(failing(9), terms, { tryAgain: () => false }).measure(round)).rejects.toThrow(
      "not yet",
    );
    expect(await told()).toHaveLength(2);
  });

  it("is not run again after Ctrl-C", async () => {
    let asked = 0;
    const tryAgain = (): boolean => ++asked < 3;
    const trainer = outsideTrainer(failing(0), terms, { tryAgain, signal: AbortSignal.abort() });
    await expect(trainer.train(round)).rejects.toMatchObject({ code: "cancelled" });
    expect(asked).toBe(0);
  });

  it("measures a model without leaving an update", async () => {
    expect(await outsideTrainer(failing(0), terms).measure(round)).toMatchObject({ loss: 0.5, rows: 7 });
    expect(await told()).toMatchObject([{ task: "measure", round: 4 }]);
  });
});
