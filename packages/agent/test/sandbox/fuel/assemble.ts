import { type Fun, isTailPlace, memoryPages, type Node, tableTargets } from "./program.js";

const i32 = 0x7f;
const end = 0x0b;
const empty = 0x40;
/** Types by how many values functions give; those of more than none are the types of blocks too. */
const resultTypes = [0, 1, 2];
const state = 0;

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...leb(Math.floor(value / 128))];
}

function signed(value: number): number[] {
  const [low, rest] = [value & 0x7f, value >> 7];
  const done = (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40);
  return done ? [low] : [low | 0x80, ...signed(rest)];
}

const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body];
const vector = (items: readonly (readonly number[])[]): number[] => [...leb(items.length), ...items.flat()];
const text = (value: string): number[] => [...leb(value.length), ...new TextEncoder().encode(value)];
const constant = (value: number): number[] => [0x41, ...signed(value)];
const constants = (count: number): number[] => Array.from({ length: count }, () => constant(5)).flat();
const drops = (count: number): number[] => Array<number>(count).fill(0x1a);
const stateBits = (shift: number, mask: number): number[] => [
  ...[0x23, state, ...constant(shift), 0x76, ...constant(mask), 0x71],
];

/** Writes a program as a module that exports its first function as `run` and the state as `state`. */
export function assemble(functions: readonly Fun[]): Uint8Array {
  const code = functions.map(({ results, body }) => {
    const bytes = [0, ...listOf(body, [results], functions), ...constants(results), end];
    return [...leb(bytes.length), ...bytes];
  });
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, vector(resultTypes.map((count) => [0x60, 0, count, ...Array<number>(count).fill(i32)]))),
    ...section(3, vector(functions.map(({ results }) => [results]))),
    ...section(4, vector([[0x70, 0, functions.length]])),
    ...section(5, vector([[1, memoryPages.initial, memoryPages.maximum]])),
    ...section(13, vector([[0, 0]])),
    ...section(6, vector([[i32, 1, ...constant(1), end]])),
    ...section(
      7,
      vector([
        [...text("run"), 0, 0],
        [...text("state"), 3, state],
      ]),
    ),
    ...section(9, vector([[0, ...constant(0), end, ...vector(functions.map((_, index) => [index]))]])),
    ...section(10, vector(code)),
  ]);
}

function listOf(list: readonly Node[], open: readonly number[], functions: readonly Fun[]): number[] {
  return list.flatMap((node) => bytesOf(node, open, functions));
}

/** Also blocks of one value have their type by number: a module may write it either way. */
const blockType = (values: number): number => (values === 0 ? empty : values);

function bytesOf(node: Node, open: readonly number[], functions: readonly Fun[]): number[] {
  const within = (values: number, body: readonly Node[]): number[] => [
    ...listOf(body, [values, ...open], functions),
    ...constants(values),
  ];
  switch (node.kind) {
    case "mix":
      return [0x23, state, ...constant(1_664_525), 0x6c, ...constant(2 * node.by + 1), 0x6a, 0x24, state];
    case "block":
      return [0x02, blockType(node.values), ...within(node.values, node.body), end, ...drops(node.values)];
    case "loop":
      return [0x03, empty, ...within(0, node.body), end];
    case "if": {
      const other = node.else ? [0x05, ...within(node.values, node.else)] : [];
      const arms = [0x04, blockType(node.values), ...within(node.values, node.met), ...other, end];
      return [...stateBits(node.bit, 1), ...arms, ...drops(node.values)];
    }
    case "try":
      return [0x06, empty, ...within(0, node.body), 0x19, ...within(0, node.handler), end];
    case "throw":
      return [0x08, 0];
    case "return":
      return [...constants(open.at(-1) ?? 0), 0x0f];
    case "fill":
      return [...constant(0), ...constant(7), ...constant(node.bytes), 0xfc, 0x0b, 0];
    case "grow":
      return [...constant(node.pages), 0x40, 0, 0x1a];
    case "call":
      return call(node, open, functions);
    case "br":
    case "brIf":
    case "brTable":
      break;
  }
  return branch(node, open);
}

type Branch = Extract<Node, { kind: "br" | "brIf" | "brTable" }>;

function branch(node: Branch, open: readonly number[]): number[] {
  if (node.kind === "brTable") {
    const targets = tableTargets(node.depths, open);
    if (targets.length === 0) return [];
    const listed = vector(targets.slice(0, -1).map((target) => [target]));
    return [...stateBits(8, 3), 0x0e, ...listed, targets.at(-1) ?? 0];
  }
  const depth = Math.min(node.depth, open.length - 1);
  const values = open[depth] ?? 0;
  if (node.kind === "br") return [...constants(values), 0x0c, depth];
  return [...constants(values), ...stateBits(node.bit, 1), 0x0d, depth, ...drops(values)];
}

function call(
  { callee, how }: Extract<Node, { kind: "call" }>,
  open: readonly number[],
  functions: readonly Fun[],
): number[] {
  const results = functions[callee]?.results ?? 0;
  if (how === "tail" && isTailPlace(results, open)) return [0x12, callee];
  const called = how === "indirect" ? [...constant(callee), 0x11, results, 0] : [0x10, callee];
  return [...called, ...drops(results)];
}
