/** A minimal writer of ONNX models (onnx.proto3, protocol buffers wire format). */
const elementFloat = 1;
const elementInt64 = 7;
const irVersion = 8;
const opset = 17;

/** A model that multiplies a square matrix of `size`, scaled by its input `factor`, `count` times with another and sums up. */
export function chainOfProducts(size: number, count: number): Uint8Array {
  const values = Float32Array.from({ length: size * size }, (_, index) => ((index * 7919) % 97) / (97 * size));
  const products = Array.from({ length: count }, (_, index) =>
    node("MatMul", [index === 0 ? "scaled" : `product${index - 1}`, "matrix"], `product${index}`),
  );
  const nodes = [
    node("Mul", ["matrix", "factor"], "scaled"),
    ...products,
    node("ReduceSum", [`product${count - 1}`, "axes"], "sum"),
  ];
  return scaledModel(nodes, size, values);
}

/** A model that takes `count` times the sigmoid of a square matrix of `size`, scaled by its input `factor`, and adds it to itself; then it sums up. */
export function chainOfSigmoids(size: number, count: number): Uint8Array {
  const values = Float32Array.from({ length: size * size }, (_, index) => ((index * 7919) % 97) / 97);
  const rounds = Array.from({ length: count }, (_, index) => {
    const before = index === 0 ? "scaled" : `added${index - 1}`;
    return [node("Sigmoid", [before], `sigmoid${index}`), node("Add", [before, `sigmoid${index}`], `added${index}`)];
  });
  const nodes = [
    node("Mul", ["matrix", "factor"], "scaled"),
    ...rounds.flat(),
    node("ReduceSum", [`added${count - 1}`, "axes"], "sum"),
  ];
  return scaledModel(nodes, size, values);
}

/** A model that multiplies its inputs `a` and `b`, square matrices of `size`. */
export function product(size: number): Uint8Array {
  const square = [size, size];
  const graph = Buffer.concat([
    bytes(1, node("MatMul", ["a", "b"], "product")),
    bytes(2, Buffer.from("graph")),
    bytes(11, valueInfo("a", square)),
    bytes(11, valueInfo("b", square)),
    bytes(12, valueInfo("product", square)),
  ]);
  return Buffer.concat([number(1, irVersion), bytes(7, graph), bytes(8, number(2, opset))]);
}

/** A model of `nodes` from the input `factor` and the constant `matrix` to `sum`. */
function scaledModel(nodes: readonly Buffer[], size: number, values: Float32Array): Buffer {
  const graph = Buffer.concat([
    ...nodes.map((each) => bytes(1, each)),
    bytes(2, Buffer.from("graph")),
    bytes(5, tensor("matrix", elementFloat, [size, size], Buffer.from(values.buffer))),
    bytes(5, tensor("axes", elementInt64, [2], Buffer.from(BigInt64Array.of(0n, 1n).buffer))),
    bytes(11, valueInfo("factor", [1])),
    bytes(12, valueInfo("sum", [1, 1])),
  ]);
  return Buffer.concat([number(1, irVersion), bytes(7, graph), bytes(8, number(2, opset))]);
}

function node(op: string, inputs: readonly string[], output: string): Buffer {
  return Buffer.concat([
    ...inputs.map((name) => bytes(1, Buffer.from(name))),
    bytes(2, Buffer.from(output)),
    bytes(4, Buffer.from(op)),
  ]);
}

function tensor(name: string, type: number, shape: readonly number[], raw: Buffer): Buffer {
  const dimensions = shape.map((size) => number(1, size));
  return Buffer.concat([...dimensions, number(2, type), bytes(8, Buffer.from(name)), bytes(9, raw)]);
}

function valueInfo(name: string, shape: readonly number[]): Buffer {
  const dimensions = Buffer.concat(shape.map((size) => bytes(1, number(1, size))));
  const tensorType = Buffer.concat([number(1, elementFloat), bytes(2, dimensions)]);
  return Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, bytes(1, tensorType))]);
}

function number(field: number, value: number): Buffer {
  return Buffer.from([...varint(field * 8), ...varint(value)]);
}

function bytes(field: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([...varint(field * 8 + 2), ...varint(body.length)]), body]);
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}
