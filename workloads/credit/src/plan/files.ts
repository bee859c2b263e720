import { networkTensors, networkToOnnx, treesToOnnx, writeModel } from "@aegis-pool/core";
import type { CreditResult } from "./procedure.js";

/** A file's name and what is in it. */
export type NamedFile = readonly [name: string, content: Uint8Array | string];

/**
 * The files that a model is handed out in: ONNX and safetensors, and what turns an applicant into its inputs.
 * @param privacy what its run has promised, which goes with it
 */
export function creditFiles(result: CreditResult, privacy: string): readonly NamedFile[] {
  const metadata = new Map([["privacy", privacy]]);
  if (result.kind === "trees") {
    // Trees have no tensors: how they were grown is in the ONNX file, and the bins beside it.
    const { model, columns } = result;
    return [
      ["model.onnx", treesToOnnx(model, columns, metadata)],
      ["columns.json", JSON.stringify(columns, undefined, 2)],
    ];
  }
  return [
    ["model.onnx", networkToOnnx(result.model, metadata)],
    ["model.safetensors", writeModel(networkTensors(result.model), metadata)],
    ["features.json", JSON.stringify(result.features, undefined, 2)],
  ];
}
