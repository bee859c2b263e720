import { jsProgram, onnxProgram, type Program, wasmProgram } from "@aegis-pool/sdk";
import { matrixProducts } from "./matrix-products.js";
import { chainOfProducts } from "./onnx-model.js";
import { encodeScalar } from "./safetensors.js";
import { mixingCommand } from "./wasm-command.js";

/** A program that computes for a second or two, and the input it does so for. */
export interface ComputeBound {
  readonly program: Program;
  readonly input: null | Uint8Array;
}

/** One program per engine. */
export function computeBound(): readonly ComputeBound[] {
  return [
    { program: jsProgram(matrixProducts(180)), input: null },
    { program: wasmProgram(mixingCommand(500_000_000)), input: new Uint8Array(0) },
    { program: onnxProgram(chainOfProducts(1_024, 10)), input: encodeScalar("factor", 1) },
  ];
}
