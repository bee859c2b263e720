import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { networkTensors, networkToOnnx, treesToOnnx, writeModel } from "@aegis-pool/core";
import { writeAtomically } from "@aegis-pool/platform";
import type { PlanResult } from "./plans.js";

/** Writes what came out of a run into a folder. @returns the files' paths */
export async function writeResult(folder: string, result: PlanResult, privacy: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const metadata = new Map([["privacy", privacy]]);
  const files = filesOf(result, metadata);
  for (const [name, content] of files) await writeAtomically(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

function filesOf(result: PlanResult, metadata: ReadonlyMap<string, string>): [string, Uint8Array | string][] {
  if (result.kind === "trees") {
    // Trees have no tensors: how they were grown is in the ONNX file, and the bins beside it.
    const { model, columns } = result;
    return [
      ["model.onnx", treesToOnnx(model, columns, metadata)],
      ["columns.json", JSON.stringify(columns, undefined, 2)],
    ];
  }
  const { model } = result;
  const both: [string, Uint8Array | string][] = [
    ["model.onnx", networkToOnnx(model, metadata)],
    ["model.safetensors", writeModel(networkTensors(model), metadata)],
  ];
  return result.kind === "network" ? [...both, ["features.json", JSON.stringify(result.features, undefined, 2)]] : both;
}

/** What a model is worth, in words. */
export function describeResult(result: PlanResult): string {
  if (result.kind === "plain-network" && result.loss !== undefined) {
    return `Over all participants' rows, on which it was trained: loss ${result.loss.toFixed(4)}.`;
  }
  if (result.kind !== "network" || !result.measured) return "";
  const { rows, loss, auc } = result.measured;
  return `Over ${rows} rows of all participants, on which it was trained: loss ${loss.toFixed(4)}, AUC ${auc.toFixed(4)}.`;
}
