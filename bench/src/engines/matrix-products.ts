/**
 * Source of a program that multiplies 192 x 192 matrices of doubles, one after another: arithmetic in registers and the first cache. Each product is a call: what
 * a loop that never ends gets from the compiler is a matter of luck.
 */
export function matrixProducts(rounds: number): string {
  return `
const n = 192;
function product(a, b) {
  const c = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      const factor = a[i * n + k];
      for (let j = 0; j < n; j++) c[i * n + j] += factor * b[k * n + j];
    }
  }
  return c;
}
export default () => {
  let a = Float64Array.from({ length: n * n }, (_, i) => ((i * 7919) % 97) / 97);
  const b = Float64Array.from({ length: n * n }, (_, i) => ((i * 104729) % 89) / (89 * n));
  for (let round = 0; round < ${rounds}; round++) a = product(a, b);
  return a.reduce((sum, value) => sum + value, 0);
};
`;
}
