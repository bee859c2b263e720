import { jsProgram, onnxProgram, type Program, wasmProgram } from "@aegis-pool/sdk";
import { chainOfProducts } from "./onnx-model.js";
import { encodeScalar } from "./safetensors.js";
import { mixingCommand } from "./wasm-command.js";

/** A program that computes for a second or two, and the input it does so for. */
export interface ComputeBound {
  readonly program: Program;
  readonly input: null | Uint8Array;
}

/** Products of 192 x 192 matrices of doubles. Each is a call: what a loop that never ends gets from the compiler is a matter of luck. */
const jsSource = `
const n = 192;
function product(a, b) {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      for (let j = 0; j < n; j++) c[i * n + j] += factor * b[k * n + j];
    }
  }
  return c;
}
export default () => {
  let a = Float64Array.from({ length: n * n }, (_, i) => ((i * 7919) % 97) / 97);
  const b = Float64Array.from({ length: n * n }, (_, i) => ((i * 104729) % 89) / (89 * n));
  for (let round = 0; round < 180; round++) a = product(a, b);
  return a.reduce((sum, value) => sum + value, 0);
};
`;

/** One program per engine. */
export function computeBound(): readonly ComputeBound[] {
  return [
    { program: jsProgram(jsSource), input: null },
    { program: wasmProgram(mixingCommand(500_000_000)), input: new Uint8Array(0) },
    { program: onnxProgram(chainOfProducts(1_024, 10)), input: encodeScalar("factor", 1) },
  ];
}
