/** Values of a complex function: real and imaginary parts, of equal length. */
export interface Complex {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * Replaces `values` by its discrete Fourier transform, X[k] = sum of x[n] exp(-2 pi i k n / N), not normalised. Iterative radix-2 of
 * Cooley and Tukey (1965), with each root of unity computed by itself, so that the relative error in the Euclidean norm stays within
 * a few units of roundoff for each of the log2 N levels (Schatzman 1996).
 *
 * @throws RangeError where the length is not a power of two.
 */
export function transform({ real, imaginary }: Complex): void {
  const length = real.length;
  if (length < 1 || (length & (length - 1)) !== 0 || imaginary.length !== length)
    throw new RangeError(`a transform needs two arrays of a power of two, not ${length} and ${imaginary.length}`);
  reverseBits(real);
  reverseBits(imaginary);
  const roots = rootsOfUnity(length);
  for (let half = 1; half < length; half *= 2) combine({ real, imaginary }, roots, half);
}

/** The inverse of `transform`, normalised: the transform with real and imaginary parts exchanged, both ways. */
export function inverseTransform({ real, imaginary }: Complex): void {
  transform({ real: imaginary, imaginary: real });
  const scale = 1 / real.length;
  for (let at = 0; at < real.length; at++) {
    real[at] = (real[at] as number) * scale;
    imaginary[at] = (imaginary[at] as number) * scale;
  }
}

function reverseBits(values: Float64Array): void {
  for (let at = 1, reversed = 0; at < values.length; at++) {
    let bit = values.length >> 1;
    for (; reversed & bit; bit >>= 1) reversed ^= bit;
    reversed ^= bit;
    if (at >= reversed) continue;
    const kept = values[at] as number;
    values[at] = values[reversed] as number;
    values[reversed] = kept;
  }
}

function rootsOfUnity(length: number): Complex {
  const half = length >> 1;
  const real = new Float64Array(half);
  const imaginary = new Float64Array(half);
  for (let at = 0; at < half; at++) {
    const angle = (-2 * Math.PI * at) / length;
    real[at] = Math.cos(angle);
    imaginary[at] = Math.sin(angle);
  }
  return { real, imaginary };
}

/** Makes transforms of length `2 half` from pairs of length `half`. */
function combine({ real, imaginary }: Complex, roots: Complex, half: number): void {
  const stride = real.length / (2 * half);
  for (let start = 0; start < real.length; start += 2 * half)
    for (let at = 0; at < half; at++) {
      const low = start + at;
      const high = low + half;
      const rootReal = roots.real[at * stride] as number;
      const rootImaginary = roots.imaginary[at * stride] as number;
      const [highReal, highImaginary] = [real[high] as number, imaginary[high] as number];
      const turnedReal = highReal * rootReal - highImaginary * rootImaginary;
      const turnedImaginary = highReal * rootImaginary + highImaginary * rootReal;
      const [lowReal, lowImaginary] = [real[low] as number, imaginary[low] as number];
      real[low] = lowReal + turnedReal;
      imaginary[low] = lowImaginary + turnedImaginary;
      real[high] = lowReal - turnedReal;
      imaginary[high] = lowImaginary - turnedImaginary;
    }
}
