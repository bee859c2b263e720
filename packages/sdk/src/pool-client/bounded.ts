import { type AegisError, concatBytes } from "@aegis-pool/core";

/** How much a pool may send, and what is thrown where it sends more. */
export interface Bound {
  readonly maxBytes: number;
  readonly tooLarge: () => AegisError;
}

/** All that comes, as text. @throws what the bound says where it is too much */
export async function readBounded(body: ReadableStream<Uint8Array>, bound: Bound): Promise<string> {
  return new TextDecoder().decode(await readBoundedBytes(body, bound));
}

/** All that comes, as bytes. @throws what the bound says where it is too much */
export async function readBoundedBytes(
  body: ReadableStream<Uint8Array>,
  { maxBytes, tooLarge }: Bound,
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  // through a TransformStream the same bytes take twice the time; not every browser can iterate over a body
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return concatBytes(...pieces);
    length += value.length;
    pieces.push(value);
    if (length <= maxBytes) continue;
    await reader.cancel();
    throw tooLarge();
  }
}
