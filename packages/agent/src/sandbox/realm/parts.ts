/** Several byte strings in one frame body: u32 count, u32 length of each, then their bytes. */
export function joinParts(parts: readonly Uint8Array[]): Uint8Array[] {
  const head = new Uint8Array(4 + 4 * parts.length);
  const view = new DataView(head.buffer);
  view.setUint32(0, parts.length, true);
  parts.forEach((part, index) => view.setUint32(4 + 4 * index, part.length, true));
  return [head, ...parts];
}

/** The parts of a body; views of it, not copies. */
export function splitParts(body: Uint8Array): Uint8Array[] {
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
  const count = view.getUint32(0, true);
  const parts: Uint8Array[] = [];
  let offset = 4 + 4 * count;
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(4 + 4 * index, true);
    parts.push(body.subarray(offset, offset + length));
    offset += length;
  }
  return parts;
}
