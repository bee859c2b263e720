import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { networkTensors, networkToOnnx, writeModel } from "@aegis-pool/core";
import { writeAtomically } from "@aegis-pool/platform";
import { creditFiles, type NamedFile } from "@aegis-pool/workload-credit";
import type { PlanResult } from "./plans.js";

/** Writes what came out of a run into a folder. @returns the files' paths */
export async function writeResult(folder: string, result: PlanResult, privacy: string): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = filesOf(result, privacy);
  for (const [name, content] of files) await writeAtomically(join(folder, name), content);
  return files.map(([name]) => join(folder, name));
}

function filesOf(result: PlanResult, privacy: string): readonly NamedFile[] {
  if (result.kind !== "plain-network") return creditFiles(result, privacy);
  const metadata = new Map([["privacy", privacy]]);
  return [
    ["model.onnx", networkToOnnx(result.model, metadata)],
    ["model.safetensors", writeModel(networkTensors(result.model), metadata)],
  ];
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
