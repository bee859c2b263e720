import { networkTensors, networkToOnnx, treesToOnnx, writeModel } from "@aegis-pool/core";
import type { PlanResult } from "./plan-procedure.js";

/** A file's name and what is in it. */
export type NamedFile = [name: string, content: Uint8Array | string];

/**
 * The files that a model is handed out in: ONNX and safetensors, and what turns a row of data into its inputs.
 * @param privacy what its run has promised, which goes with it
 */
export function resultFiles(result: PlanResult, privacy: string): readonly NamedFile[] {
  const metadata = new Map([["privacy", privacy]]);
  if (result.kind === "trees") {
    // Trees have no tensors: how they were grown is in the ONNX file, and the bins beside it.
    const { model, columns } = result;
    return [
      ["model.onnx", treesToOnnx(model, columns, metadata)],
      ["columns.json", JSON.stringify(columns, undefined, 2)],
    ];
  }
  const { model } = result;
  const both: NamedFile[] = [
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
