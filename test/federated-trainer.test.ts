import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  initialModel,
  LocalTrainer,
  type NetworkShape,
  type OptimiserTerms,
  seededUniform,
  type TrainingTerms,
  writeModel,
  writeSafetensors,
} from "@aegis-pool/core";
import { outsideTrainer, splitCommand } from "@aegis-pool/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory } from "./fixtures/temporary.js";

const script = join(import.meta.dirname, "../examples/federated/train.py");
/** Imports nothing, which takes seconds for PyTorch: only looks whether all is there. */
const lookFor = "import sys; from importlib.util import find_spec; sys.exit(not all(map(find_spec, sys.argv[1:])))";
const needed = ["torch", "safetensors", "numpy"];
const python = [process.env["AEGIS_TEST_PYTHON"], "python3", "/usr/bin/python3"].find(
  (path) => path !== undefined && spawnSync(path, ["-c", lookFor, ...needed]).status === 0,
);
if (python === undefined && process.env["AEGIS_REQUIRE_PYTORCH"] === "1")
  throw new Error("AEGIS_REQUIRE_PYTORCH=1, but no Python with PyTorch, safetensors and NumPy");
if (python === undefined) console.warn(`skipped the PyTorch trainer: no Python here has ${needed.join(", ")}`);

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  folder = await temporaryDirectory();
});
afterAll(() => folder.remove());

const bytes = (...numbers: readonly number[]): Uint8Array => Uint8Array.from(numbers);
const rowCount = 200;
const columns = 5;
const random = seededUniform(11);
const values = Float32Array.from({ length: rowCount * columns }, () => Math.fround(2 * random() - 1));
/** Label 1 where the first two columns agree in sign, mostly: nothing that a line divides. */
const labels = Float32Array.from({ length: rowCount }, (_, row) => {
  const product = (values[row * columns] ?? 0) * (values[row * columns + 1] ?? 0);
  return product + 0.05 * random() > 0 ? 1 : 0;
});

function csv(): string {
  const header = [...Array.from({ length: columns }, (_, at) => `column ${at}`), "label"].join(",");
  const rows = [...labels].map((label, row) =>
    [...values.subarray(row * columns, (row + 1) * columns), label].join(","),
  );
  return `${[header, ...rows].join("\n")}\n`;
}

const run: TrainingTerms = {
  ...{
    rounds: 1,
    mostParticipants: 10,
    strategy: { name: "fed-avg" },
    weighting: { by: "participant" },
    clip: { norm: 10 },
  },
  local: { optimiser: { name: "sgd", learningRate: 0.1 } },
};
const command = splitCommand(`'${python}' '${script}'`);

describe.skipIf(python === undefined)("the example of a trainer in PyTorch", () => {
  it.each<[string, NetworkShape, OptimiserTerms]>([
    [
      "a network of ReLU, by Adam",
      { widths: [columns, 8, 6, 1], activation: "relu" },
      { name: "adam", learningRate: 0.01 },
    ],
    [
      "a network of tanh, with momentum",
      { widths: [columns, 8, 1], activation: "tanh" },
      { name: "momentum", learningRate: 0.3 },
    ],
  ])("trains as our own engine does: %s", async (_, shape, optimiser) => {
    const dataPath = join(folder.path, "rows.csv");
    await writeFile(dataPath, csv());
    const model = initialModel(shape, seededUniform(3));
    // all rows in one batch: the two shuffle differently
    const local = { optimiser, epochs: 4, batchRows: rowCount, l2: 0.01 };
    const terms: TrainingTerms = { ...run, local };
    const said = await outsideTrainer({ command, dataPath }, terms).train({ round: 1, model, proximal: 0.5 });
    const own = new LocalTrainer(shape, { values, labels, columns }, { ...local, proximal: 0.5 });
    const parameters = model.parameters.slice();
    const loss = own.meanLoss(parameters);
    own.train(parameters, seededUniform(1));
    expect(said.rows).toBe(rowCount);
    expect(said.loss).toBeCloseTo(loss, 5);
    const expected = parameters.map((value, at) => value - (model.parameters[at] ?? 0));
    expect(Math.max(...expected.map(Math.abs))).toBeGreaterThan(0.01);
    expect(said.update.length).toBe(expected.length);
    for (const [at, value] of expected.entries()) expect(Math.abs((said.update[at] ?? 0) - value)).toBeLessThan(1e-5);
  });

  it("says which column is no number", async () => {
    const dataPath = join(folder.path, "broken.csv");
    await writeFile(dataPath, "a,label\nred,1\n");
    const model = initialModel({ widths: [1, 1], activation: "relu" }, random);
    const failing = outsideTrainer({ command, dataPath }, run).measure({ round: 1, model, proximal: 0 });
    await expect(failing).rejects.toThrow(/ended with code 1; it said: .*could not convert string to float: 'red'/s);
  });
});

describe.skipIf(python === undefined)("the Python package safetensors", () => {
  const read = `import json, sys; from safetensors import safe_open
with safe_open(sys.argv[1], "np") as file:
    print(json.dumps([file.metadata(), {name: [str(file.get_tensor(name).dtype), file.get_tensor(name).tolist()] for name in file.keys()}]))`;

  async function readByPython(file: Uint8Array): Promise<unknown> {
    const path = join(folder.path, "ours.safetensors");
    await writeFile(path, file);
    const { stdout, stderr } = spawnSync(python ?? "", ["-c", read, path], { encoding: "utf8" });
    expect(stderr).toBe("");
    return JSON.parse(stdout);
  }

  it("reads a model that we write", async () => {
    const tensors = [
      { name: "é", shape: [2, 2], values: Float32Array.of(1, 2, -3, 0.25) },
      { name: "scale", shape: [], values: Float32Array.of(0.5) },
      { name: "none", shape: [0, 3], values: new Float32Array() },
    ];
    expect(await readByPython(writeModel(tensors, new Map([["round", 'ü\n"3"']])))).toEqual([
      { round: 'ü\n"3"' },
      {
        é: [
          "float32",
          [
            [1, 2],
            [-3, 0.25],
          ],
        ],
        scale: ["float32", 0.5],
        none: ["float32", []],
      },
    ]);
  });

  it("reads every other type that we write, whatever their order", async () => {
    const file = writeSafetensors([
      { name: "bool", dtype: "BOOL", shape: [2], bytes: bytes(1, 0) },
      { name: "u8", dtype: "U8", shape: [1], bytes: bytes(200) },
      { name: "f16", dtype: "F16", shape: [1], bytes: bytes(0, 0xc0) },
      { name: "i64", dtype: "I64", shape: [1, 1], bytes: bytes(0xfe, 255, 255, 255, 255, 255, 255, 255) },
      { name: "f64", dtype: "F64", shape: [1], bytes: bytes(0, 0, 0, 0, 0, 0, 0xd0, 0x3f) },
      { name: "i32", dtype: "I32", shape: [1], bytes: bytes(1, 1, 0, 0) },
    ]);
    expect(await readByPython(file)).toEqual([
      null,
      {
        bool: ["bool", [true, false]],
        u8: ["uint8", [200]],
        f16: ["float16", [-2]],
        i64: ["int64", [[-2]]],
        f64: ["float64", [0.25]],
        i32: ["int32", [257]],
      },
    ]);
  });
});
