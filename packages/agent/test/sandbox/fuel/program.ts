/** Small programs as trees, from which modules are written and which are executed here by hand, counted instruction by instruction. */
import fc from "fast-check";

/** What may stand in a function. A condition is one bit of the state, which all functions share. */
export type Node =
  | { readonly kind: "mix"; readonly by: number }
  | { readonly kind: "block"; readonly values: number; readonly body: readonly Node[] }
  | { readonly kind: "loop"; readonly body: readonly Node[] }
  | {
      readonly kind: "if";
      readonly bit: number;
      readonly values: number;
      readonly met: readonly Node[];
      readonly else: readonly Node[] | undefined;
    }
  | { readonly kind: "try"; readonly body: readonly Node[]; readonly handler: readonly Node[] }
  | { readonly kind: "br"; readonly depth: number }
  | { readonly kind: "brIf"; readonly bit: number; readonly depth: number }
  | { readonly kind: "brTable"; readonly depths: readonly number[] }
  | { readonly kind: "return" }
  | { readonly kind: "throw" }
  | { readonly kind: "call"; readonly callee: number; readonly how: "direct" | "indirect" | "tail" }
  | { readonly kind: "fill"; readonly bytes: number }
  | { readonly kind: "grow"; readonly pages: number };

export interface Fun {
  /** How many 32-bit values it gives. */
  readonly results: number;
  readonly body: readonly Node[];
}

export const memoryPages = { initial: 2, maximum: 6 } as const;
const labels = fc.nat({ max: 4 });
const bit = fc.integer({ min: 8, max: 31 });
const values = fc.nat({ max: 2 });

const { nodes } = fc.letrec<{ nodes: Node[]; node: Node }>((tie) => ({
  nodes: fc.array(tie("node"), { maxLength: 5, depthIdentifier: "n" }),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true, depthIdentifier: "n" },
    fc.record({ kind: fc.constant("mix" as const), by: fc.nat({ max: 60 }) }),
    fc.record({ kind: fc.constant("brIf" as const), bit, depth: labels }),
    fc.record({ kind: fc.constant("br" as const), depth: labels }),
    fc.record({ kind: fc.constant("brTable" as const), depths: fc.array(labels, { minLength: 1, maxLength: 4 }) }),
    fc.record({ kind: fc.constant("return" as const) }),
    fc.record({ kind: fc.constant("throw" as const) }),
    fc.record({
      kind: fc.constant("call" as const),
      callee: fc.nat({ max: 3 }),
      how: fc.constantFrom("direct" as const, "indirect" as const, "tail" as const),
    }),
    fc.record({ kind: fc.constant("fill" as const), bytes: fc.nat({ max: 5_000 }) }),
    fc.record({ kind: fc.constant("grow" as const), pages: fc.constantFrom(0, 0, 1, 60_000) }),
    fc.record({ kind: fc.constant("block" as const), values, body: tie("nodes") }),
    fc.record({ kind: fc.constant("loop" as const), body: tie("nodes") }),
    fc.record({ kind: fc.constant("loop" as const), body: tie("nodes") }),
    fc.record({ kind: fc.constant("try" as const), body: tie("nodes"), handler: tie("nodes") }),
    fc
      .record({
        kind: fc.constant("if" as const),
        bit,
        values,
        met: tie("nodes"),
        else: fc.option(tie("nodes"), { nil: undefined }),
      })
      .map((node) => (node.else ? node : { ...node, values: 0 })),
  ),
}));

/** Four functions that call each other. */
export const programs = fc.array(fc.record({ results: values, body: nodes }), { minLength: 4, maxLength: 4 });

class Thrown extends Error {}
class OutOfFuel extends Error {}

/** Which of the open blocks a way out leads to; undefined: on. */
type Way = number | undefined;

/** Executes a program by hand. */
export class ByHand {
  state = 1;
  used = 0;
  #pages: number = memoryPages.initial;
  readonly #functions: readonly Fun[];
  readonly #fuel: number;

  constructor(functions: readonly Fun[], fuel: number) {
    this.#functions = functions;
    this.#fuel = fuel;
  }

  /** How the first function ends. */
  run(): "returned" | "threw" | "out of fuel" {
    try {
      this.#call(0);
      return "returned";
    } catch (error) {
      if (error instanceof Thrown) return "threw";
      if (error instanceof OutOfFuel) return "out of fuel";
      throw error;
    }
  }

  #call(index: number): void {
    const { results, body } = this.#functions[index] ?? { results: 0, body: [] };
    if (this.#all(body, [results]) === undefined) this.#spend(results); // constants that it gives
  }

  #spend(cost: number): void {
    this.used += cost;
    if (this.used > this.#fuel) throw new OutOfFuel();
  }

  #all(list: readonly Node[], open: readonly number[]): Way {
    for (const node of list) {
      const way = this.#one(node, open);
      if (way !== undefined) return way;
    }
    return undefined;
  }

  /** `open`: how many values each open block takes from a branch, the innermost first. */
  #one(node: Node, open: readonly number[]): Way {
    if (node.kind === "mix") {
      this.state = (Math.imul(this.state, 1_664_525) + 2 * node.by + 1) | 0;
      return this.#on(6);
    }
    if (node.kind === "block") return this.#block(node.values, node.body, open);
    if (node.kind === "loop") return this.#loop(node.body, open);
    if (node.kind === "if") return this.#choose(node, open);
    if (node.kind === "try") return this.#try(node, open);
    if (node.kind === "throw") {
      this.#spend(1);
      throw new Thrown();
    }
    if (node.kind === "br") return this.#branch(node.depth, 1, open);
    if (node.kind === "brIf") return this.#branchIf(node, open);
    if (node.kind === "brTable") return this.#branchTable(node.depths, open);
    if (node.kind === "return") return this.#branch(open.length - 1, 1, open);
    if (node.kind === "fill") return this.#on(4 + Math.floor(node.bytes / 8));
    if (node.kind === "grow") return this.#grow(node.pages);
    return this.#callFrom(node, open);
  }

  #on(cost: number): undefined {
    this.#spend(cost);
    return undefined;
  }

  #block(given: number, body: readonly Node[], open: readonly number[]): Way {
    const way = this.#all(body, [given, ...open]);
    if (way === undefined) this.#spend(given);
    if (way === undefined || way === 0) return this.#on(given); // what it gave is dropped
    return way - 1;
  }

  #loop(body: readonly Node[], open: readonly number[]): Way {
    for (;;) {
      const way = this.#all(body, [0, ...open]);
      if (way === undefined) return undefined;
      if (way > 0) return way - 1;
    }
  }

  #choose(node: Extract<Node, { kind: "if" }>, open: readonly number[]): Way {
    this.#spend(6);
    if (this.#bit(node.bit)) return this.#block(node.values, node.met, open);
    return node.else ? this.#block(node.values, node.else, open) : undefined;
  }

  #try({ body, handler }: Extract<Node, { kind: "try" }>, open: readonly number[]): Way {
    try {
      return this.#block(0, body, open);
    } catch (error) {
      if (!(error instanceof Thrown)) throw error;
      return this.#block(0, handler, open);
    }
  }

  #branch(depth: number, cost: number, open: readonly number[]): Way {
    const to = Math.min(depth, open.length - 1);
    this.#spend(cost + (open[to] ?? 0));
    return to;
  }

  #branchIf({ bit: which, depth }: Extract<Node, { kind: "brIf" }>, open: readonly number[]): Way {
    const to = Math.min(depth, open.length - 1);
    this.#spend((open[to] ?? 0) + 6);
    return this.#bit(which) ? to : this.#on(open[to] ?? 0); // values that are not taken along are dropped
  }

  #branchTable(depths: readonly number[], open: readonly number[]): Way {
    const targets = tableTargets(depths, open);
    if (targets.length === 0) return undefined;
    this.#spend(6);
    return targets[(this.state >>> 8) & 3] ?? targets.at(-1);
  }

  #grow(pages: number): undefined {
    const grows = this.#pages + pages <= memoryPages.maximum;
    if (grows) this.#pages += pages;
    return this.#on(3 + (grows ? pages * 8_192 : 0));
  }

  #callFrom({ callee, how }: Extract<Node, { kind: "call" }>, open: readonly number[]): Way {
    const results = this.#functions[callee]?.results ?? 0;
    const isTail = how === "tail" && isTailPlace(results, open);
    this.#spend(how === "indirect" ? 9 : 4);
    this.#call(callee);
    if (isTail) return open.length - 1;
    return this.#on(results);
  }

  #bit(which: number): boolean {
    return ((this.state >>> which) & 1) === 1;
  }
}

/** Those that take no values along, or else what cannot be missed: a table's targets must be alike. */
export function tableTargets(depths: readonly number[], open: readonly number[]): readonly number[] {
  const within = depths.map((depth) => Math.min(depth, open.length - 1));
  return within.filter((depth) => open[depth] === 0);
}

/** Whether a function may end here with what its callee gives: not within a `try`, which would then not catch what that throws. */
export function isTailPlace(results: number, open: readonly number[]): boolean {
  return open.length === 1 && results === open[0];
}
