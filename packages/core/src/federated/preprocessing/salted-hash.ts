/** A hash of 64 bits as two halves. */
export type Hash64 = readonly [low: number, high: number];

/** Bytes of a salt. */
export const saltBytes = 16;

/**
 * SipHash-2-4 (Aumasson and Bernstein 2012) of `bytes` under a 16-byte `salt`. Who does not know the salt cannot tell a
 * name from its hash; who knows it can try names. Throws a RangeError for a salt of another length.
 */
export function saltedHash(bytes: Uint8Array, salt: Uint8Array): Hash64 {
  if (salt.length !== saltBytes) throw new RangeError(`a salt has ${saltBytes} bytes: received ${salt.length}`);
  const state = initialState(salt);
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) absorb(state, wordAt(bytes, at), wordAt(bytes, at + 4));
  const last = new Uint8Array(8);
  last.set(bytes.subarray(whole));
  last[7] = bytes.length & 255;
  absorb(state, wordAt(last, 0), wordAt(last, 4));
  state[4] = state[4]! ^ 255;
  for (let round = 0; round < 4; round++) sipRound(state);
  return [(state[0]! ^ state[2]! ^ state[4] ^ state[6]!) >>> 0, (state[1]! ^ state[3]! ^ state[5]! ^ state[7]!) >>> 0];
}

/** {@link saltedHash} of `text`, as its UTF-16 code units with the low byte first. */
export function saltedHashOfText(text: string, salt: Uint8Array): Hash64 {
  const bytes = new Uint8Array(text.length * 2);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    bytes[2 * at] = unit & 255;
    bytes[2 * at + 1] = unit >>> 8;
  }
  return saltedHash(bytes, salt);
}

/** The four words v0 to v3 of the paper, each as a low and a high half. */
type State = Int32Array;

/** The paper's constants, "somepseudorandomlygeneratedbytes", as halves. */
const constants = [
  0x70736575, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261, 0x6c796765, 0x79746573, 0x74656462,
] as const;

function initialState(salt: Uint8Array): State {
  const key = [0, 4, 8, 12].map((at) => wordAt(salt, at));
  return Int32Array.from(constants, (constant, half) => constant ^ key[half % 4]!);
}

function absorb(state: State, low: number, high: number): void {
  state[6] = state[6]! ^ low;
  state[7] = state[7]! ^ high;
  sipRound(state);
  sipRound(state);
  state[0] = state[0]! ^ low;
  state[1] = state[1]! ^ high;
}

function sipRound(state: State): void {
  mix(state, 0, 2, 13);
  rotate(state, 0, 32);
  mix(state, 4, 6, 16);
  mix(state, 0, 6, 21);
  mix(state, 4, 2, 17);
  rotate(state, 4, 32);
}

/** a += b; b = (b <<< bits) ^ a, on the words that start at halves `a` and `b`. */
function mix(state: State, a: number, b: number, bits: number): void {
  const low = (state[a]! >>> 0) + (state[b]! >>> 0);
  state[a + 1] = state[a + 1]! + state[b + 1]! + (low >= 2 ** 32 ? 1 : 0);
  state[a] = low;
  rotate(state, b, bits);
  state[b] = state[b]! ^ state[a];
  state[b + 1] = state[b + 1]! ^ state[a + 1]!;
}

function rotate(state: State, at: number, bits: number): void {
  const [low, high] = [state[at]!, state[at + 1]!];
  const swapped = bits === 32;
  state[at] = swapped ? high : (low << bits) | (high >>> (32 - bits));
  state[at + 1] = swapped ? low : (high << bits) | (low >>> (32 - bits));
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}
