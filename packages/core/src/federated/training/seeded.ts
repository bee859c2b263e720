/**
 * A generator that gives the same numbers for the same seed, in every engine: for what must be repeatable or equal for all participants, such as the model that
 * training begins with. Never for noise, masks or private sampling: anybody can guess it. (sfc32 by Doty-Humphrey, from PractRand: a 128-bit state, of which the seed
 * fills a quarter.)
 *
 * @param seed whole, 0 to 2^32 - 1
 * @returns uniform in [0, 1), with 32 random bits
 */
export function seededUniform(seed: number): () => number {
  let [a, b, c, counter] = [0, seed | 0, 0x9e3779b9 | 0, 1];
  const next = () => {
    const mixed = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + mixed;
    c |= 0;
    return (mixed >>> 0) / 2 ** 32;
  };
  // As many as let every bit of the seed reach every bit of the state.
  for (let turn = 0; turn < 12; turn++) next();
  return next;
}
