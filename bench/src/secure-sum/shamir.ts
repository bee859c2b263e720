/**
 * Shamir's shares of 32-byte secrets, over GF(65537): 16 words of 16 bits each, shared apart. A word fits; a share of it may be 65,536, which
 * takes 17 bits. Faster than one field of 256 bits in BigInt, which would only favour us.
 */
const prime = 65_537;
const words = 16;

/** One holder's share of one secret: a value for each word. */
export type Share = Float64Array;

/** Shares of `secret` for the holders 1 to `count`, of which any `threshold` give it back. @param random whole numbers below 65,537 */
export function shareOut(secret: Uint8Array, count: number, threshold: number, random: () => number): Share[] {
  const shares = Array.from({ length: count }, () => new Float64Array(words));
  const coefficients = new Float64Array(threshold);
  for (let word = 0; word < words; word++) {
    coefficients[0] = secret[2 * word]! + 256 * secret[2 * word + 1]!;
    for (let power = 1; power < threshold; power++) coefficients[power] = random();
    for (let holder = 1; holder <= count; holder++) shares[holder - 1]![word] = valueAt(holder, coefficients);
  }
  return shares;
}

/** Horner's rule. */
function valueAt(x: number, coefficients: Float64Array): number {
  let value = 0;
  for (let power = coefficients.length - 1; power >= 0; power--) value = reduced(value * x + coefficients[power]!);
  return value;
}

/** Modulo 2^16 + 1, of what is below 2^33: what `%` takes ten times as long for. */
function reduced(value: number): number {
  const high = Math.floor(value / 65_536);
  const rest = value - high * prime;
  return rest < 0 ? rest + prime : rest;
}

/** What each holder's share counts for where exactly these holders' are there: Lagrange at 0. Worked out once for all secrets. */
export function weightsOf(holders: readonly number[]): Float64Array {
  return Float64Array.from(holders, (own) => {
    let [above, below] = [1, 1];
    for (const other of holders) {
      if (other === own) continue;
      above = reduced(above * other);
      below = reduced(below * reduced(other - own + prime));
    }
    return reduced(above * inverse(below));
  });
}

function inverse(value: number): number {
  let [result, base] = [1, value];
  for (let exponent = prime - 2; exponent > 0; exponent = Math.floor(exponent / 2)) {
    if (exponent % 2 === 1) result = reduced(result * base);
    base = reduced(base * base);
  }
  return result;
}

/** The secret. @param shares in the order of the holders that `weights` are of */
export function combine(shares: readonly Share[], weights: Float64Array): Uint8Array {
  const secret = new Uint8Array(2 * words);
  for (let word = 0; word < words; word++) {
    let value = 0;
    for (const [index, share] of shares.entries()) value = reduced(value + share[word]! * weights[index]!);
    secret[2 * word] = value % 256;
    secret[2 * word + 1] = Math.floor(value / 256);
  }
  return secret;
}
