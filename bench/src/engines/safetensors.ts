/** One FP32 number as a file of safetensors: eight bytes of length, a JSON header, the bytes. */
export function encodeScalar(name: string, value: number): Uint8Array {
  const header = Buffer.from(JSON.stringify({ [name]: { dtype: "F32", shape: [1], data_offsets: [0, 4] } }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const body = Buffer.alloc(4);
  body.writeFloatLE(value);
  return Buffer.concat([length, header, body]);
}
