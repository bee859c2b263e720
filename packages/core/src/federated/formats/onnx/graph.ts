import { concatBytes } from "../../../shared/bytes.js";
import type { ModelTensor } from "../model-tensors.js";
import {
  floatsField,
  integerField,
  integersField,
  littleEndianFloats,
  messageField,
  textField,
  textFields,
} from "./protobuf.js";

/** A value of a node's attribute, by ONNX's name of its type. */
export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly strings: readonly string[] };

/** One operation of a graph. */
export interface OnnxNode {
  readonly op: string;
  /** The set of operators that it is from: "" for ONNX's own, the default, "ai.onnx.ml" for classical models. */
  readonly domain?: "" | "ai.onnx.ml";
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A model whose inputs and outputs are matrices of single precision: a row per record. */
export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly ModelTensor[];
  /** Columns of each input, by its name. */
  readonly inputs: Readonly<Record<string, number>>;
  readonly outputs: Readonly<Record<string, number>>;
}

/** Old enough for every runtime of the last years: IR version 8 and these sets came with ONNX 1.12 (2022). */
const versions = { ir: 8, operators: 17, classicalOperators: 3 };
const elementTypeFloat = 1;
/** AttributeProto.AttributeType. */
const attributeTypes = { int: 2, floats: 6, ints: 7, strings: 8 };

/**
 * The bytes of an ONNX model (onnx.proto of ONNX 1.12).
 * @param metadata free text by key, which runtimes show as the model's metadata
 */
export function writeOnnx(graph: OnnxGraph, metadata: ReadonlyMap<string, string>): Uint8Array {
  const fields = [
    ...graph.nodes.map((node) => messageField(1, nodeFields(node))),
    textField(2, graph.name),
    ...graph.constants.map((constant) => messageField(5, constantFields(constant))),
    ...Object.entries(graph.inputs).map(([name, columns]) => messageField(11, matrixFields(name, columns))),
    ...Object.entries(graph.outputs).map(([name, columns]) => messageField(12, matrixFields(name, columns))),
  ];
  return concatBytes(
    integerField(1, versions.ir),
    textField(2, "aegis-pool"),
    messageField(7, fields),
    messageField(8, [textField(1, ""), integerField(2, versions.operators)]),
    messageField(8, [textField(1, "ai.onnx.ml"), integerField(2, versions.classicalOperators)]),
    ...[...metadata].map(([key, text]) => messageField(14, [textField(1, key), textField(2, text)])),
  );
}

function nodeFields({ op, domain = "", inputs, outputs, attributes = {} }: OnnxNode): Uint8Array[] {
  return [
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(3, outputs[0] ?? op),
    textField(4, op),
    ...Object.entries(attributes).map(([name, value]) =>
      messageField(5, [textField(1, name), ...attributeFields(value)]),
    ),
    textField(7, domain),
  ];
}

function attributeFields(value: OnnxAttribute): Uint8Array[] {
  if ("int" in value) return [integerField(3, value.int), integerField(20, attributeTypes.int)];
  if ("ints" in value) return [integersField(8, value.ints), integerField(20, attributeTypes.ints)];
  if ("floats" in value) return [floatsField(7, value.floats), integerField(20, attributeTypes.floats)];
  return [...textFields(9, value.strings), integerField(20, attributeTypes.strings)];
}

function constantFields({ name, shape, values }: ModelTensor): Uint8Array[] {
  return [
    integersField(1, shape),
    integerField(2, elementTypeFloat),
    textField(8, name),
    messageField(9, [littleEndianFloats(values)]),
  ];
}

/** A matrix with any number of rows. */
function matrixFields(name: string, columns: number): Uint8Array[] {
  const dimensions = [messageField(1, [textField(2, "rows")]), messageField(1, [integerField(1, columns)])];
  const type = messageField(1, [integerField(1, elementTypeFloat), messageField(2, dimensions)]);
  return [textField(1, name), messageField(2, [type])];
}
