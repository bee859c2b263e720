const encode = (source: string): Uint8Array => new TextEncoder().encode(source);

/** Spins in its Worker for ever. */
export const spinning = encode("export default () => { for (;;); };");

/** Spins and makes garbage, which V8 collects on threads of its own. */
export const littering = encode(`
export default () => {
  let kept = [];
  for (let i = 0; ; i++) {
    kept.push({ i, text: "x" + i, more: [i] });
    if (kept.length > 200_000) kept = [];
  }
};
`);

/** Takes memory without end: large pieces while there are any, then ever smaller ones; a refusal does not stop it. */
export const hoarding = encode(`
export default () => {
  const kept = [];
  for (let bytes = 1 << 22; ; ) {
    try {
      kept.push(new Uint8Array(bytes).fill(1));
    } catch {
      bytes = Math.max(4_096, bytes >> 1);
    }
  }
};
`);
