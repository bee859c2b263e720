import { matrixProducts } from "../engines/matrix-products.js";

/** Unlike work in JavaScript, each about 0.7 s on one core of a cloud machine: many periods of a duty cycle where less is lent. */

/** Products of matrices of doubles. */
export const products = matrixProducts(56);

/** Records to JSON and back, and regular expressions over the text. */
export const text = `
export default () => {
  const records = Array.from({ length: 3_000 }, (_, i) => ({
    id: i,
    name: "account " + i.toString(36),
    mail: "user" + i + "@example" + (i % 17) + ".org",
    tags: ["t" + (i % 5), "t" + (i % 7)],
  }));
  let found = 0;
  for (let round = 0; round < 130; round++) {
    const written = JSON.stringify(records);
    found += JSON.parse(written).length;
    found += written.match(/[a-z]+\\d+@example(?:3|11)\\.org/g).length;
    found += written.replace(/account ([0-9a-z]+)/g, "$1:$1").split(",").length;
  }
  return found;
};
`;

/** Sorting typed arrays, which the engine does in its own code, and by a comparison of ours. */
export const sorting = `
export default () => {
  let state = 12345;
  const next = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0);
  let sum = 0;
  for (let round = 0; round < 4; round++) {
    const numbers = Float64Array.from({ length: 450_000 }, next);
    const some = Array.from(numbers.subarray(0, 150_000)).sort((a, b) => b - a);
    sum += numbers.toSorted()[1_000] + some[1_000];
  }
  return sum;
};
`;

/** A walk in steps that no cache foresees through 64 MiB. */
export const memory = `
export default () => {
  const words = new Uint32Array(16 * 1024 * 1024);
  for (let i = 0; i < words.length; i++) words[i] = i;
  let [at, sum] = [1, 0];
  for (let step = 0; step < 4_000_000; step++) {
    at = (Math.imul(at, 1664525) + 1013904223) >>> 0;
    sum = (sum + words[(at ^ (sum & 1)) >>> 8]) >>> 0; // where to read next hangs on what was read
  }
  return sum;
};
`;

/** A parser of a small language over generated source: many short strings and objects, and so garbage. */
export const parsing = `
const source = Array.from({ length: 400 }, (_, i) =>
  "function f" + i + "(a, b) { let x = a * (b + " + i + "); while (x > 3) { x = x - g(b, x / 2); } return x; }").join("\\n");
const token = /\\s*([A-Za-z_]\\w*|\\d+|[{}()<>=;,+*\\/-])/y;
function tokens(text) {
  const all = [];
  token.lastIndex = 0;
  for (let match; (match = token.exec(text)); ) all.push({ text: match[1], end: token.lastIndex });
  return all;
}
function nested(all, from, depth) {
  const node = { depth, children: [] };
  let at = from;
  while (at < all.length) {
    const { text } = all[at++];
    if (text === ")" || text === "}") return { node, at };
    if (text === "(" || text === "{") {
      const inner = nested(all, at, depth + 1);
      node.children.push(inner.node);
      at = inner.at;
    } else node.children.push({ text, depth, children: [] });
  }
  return { node, at };
}
const count = (node, seen) => {
  seen.set(node.text, (seen.get(node.text) ?? 0) + node.depth);
  for (const child of node.children) count(child, seen);
  return seen;
};
export default () => {
  let size = 0;
  for (let round = 0; round < 120; round++) size += count(nested(tokens(source), 0, 0).node, new Map()).size;
  return size;
};
`;
