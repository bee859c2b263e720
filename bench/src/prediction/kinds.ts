import { jsProgram, onnxProgram, type Program, wasmProgram } from "@aegis-pool/sdk";
import { chainOfProducts, chainOfSigmoids } from "../engines/onnx-model.js";
import { encodeScalar } from "../engines/safetensors.js";
import { mixingCommand } from "../engines/wasm-command.js";
import { memory, parsing, products, sorting, text } from "./js-kinds.js";

/** A kind of job: one program, and the input of each of its tasks. */
export interface JobKind {
  readonly name: string;
  readonly program: Program;
  readonly input: null | Uint8Array;
}

/** Eight kinds that ask for unlike things of a machine. */
export function jobKinds(): readonly JobKind[] {
  const factor = encodeScalar("factor", 1);
  return [
    { name: "js products", program: jsProgram(products), input: null },
    { name: "js text", program: jsProgram(text), input: null },
    { name: "js sorting", program: jsProgram(sorting), input: null },
    { name: "js memory", program: jsProgram(memory), input: null },
    { name: "js parsing", program: jsProgram(parsing), input: null },
    { name: "wasm mixing", program: wasmProgram(mixingCommand(300_000_000)), input: new Uint8Array(0) },
    { name: "onnx products", program: onnxProgram(chainOfProducts(512, 60)), input: factor },
    { name: "onnx sigmoids", program: onnxProgram(chainOfSigmoids(512, 500)), input: factor },
  ];
}
