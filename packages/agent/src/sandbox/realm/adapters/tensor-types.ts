/** Element types by their names in safetensors and in onnxruntime. */
export const tensorTypes = [
  { dtype: "F64", onnx: "float64", Elements: Float64Array },
  { dtype: "F32", onnx: "float32", Elements: Float32Array },
  { dtype: "F16", onnx: "float16", Elements: Float16Array },
  { dtype: "I64", onnx: "int64", Elements: BigInt64Array },
  { dtype: "I32", onnx: "int32", Elements: Int32Array },
  { dtype: "I16", onnx: "int16", Elements: Int16Array },
  { dtype: "I8", onnx: "int8", Elements: Int8Array },
  { dtype: "U64", onnx: "uint64", Elements: BigUint64Array },
  { dtype: "U32", onnx: "uint32", Elements: Uint32Array },
  { dtype: "U16", onnx: "uint16", Elements: Uint16Array },
  { dtype: "U8", onnx: "uint8", Elements: Uint8Array },
  { dtype: "BOOL", onnx: "bool", Elements: Uint8Array },
] as const;
