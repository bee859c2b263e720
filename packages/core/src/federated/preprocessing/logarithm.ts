/**
 * The natural logarithm of `value`, finite and above 0, to within a few units of the last place. Not `Math.log`, which
 * engines round differently: what participants each compute again from the same sums must be equal to the bit, so only
 * the four operations are used. Numbers too small for full precision (below 2^-1022) are not met here.
 */
export function logarithm(value: number): number {
  let [fraction, power] = [value, 0];
  // Halving and doubling are exact.
  for (; fraction >= 1.5; fraction /= 2) power++;
  for (; fraction < 0.75; fraction *= 2) power--;
  // log(f) = 2 artanh((f - 1) / (f + 1)), and that is at most a fifth here: a term is a 25th of the one before.
  const ratio = (fraction - 1) / (fraction + 1);
  const square = ratio * ratio;
  let sum = 0;
  for (let odd = 23; odd >= 1; odd -= 2) sum = sum * square + 1 / odd;
  return power * Math.LN2 + 2 * ratio * sum;
}
