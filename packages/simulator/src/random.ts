/** Numbers from 0 to 1 that `seed` alone decides (mulberry32), so that a run can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mixed(state);
  };
}

/** A number from 0 to 1 for two whole numbers, the same each time. */
export function hashedRandom(one: number, other: number): number {
  return mixed((Math.imul(one, 0x9e3779b1) + Math.imul(other, 0x85ebca6b)) >>> 0);
}

function mixed(state: number): number {
  let bits = Math.imul(state ^ (state >>> 15), state | 1);
  bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
  return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
}
