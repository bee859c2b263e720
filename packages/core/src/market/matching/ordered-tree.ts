/** Two measures of an item by which a search prunes: it finds only items of which neither is above a bound. */
export type Measures = readonly [number, number];

/** Made in one go and always of one shape: this is the market's innermost loop. */
class Node<Item> {
  readonly item: Item;
  readonly priority: number;
  readonly first: number;
  readonly second: number;
  /** The least of each measure in the whole subtree. */
  leastFirst: number;
  leastSecond: number;
  left: Branch<Item> = undefined;
  right: Branch<Item> = undefined;

  constructor(item: Item, priority: number, [first, second]: Measures) {
    this.item = item;
    this.priority = priority;
    this.first = this.leastFirst = first;
    this.second = this.leastSecond = second;
  }
}

type Branch<Item> = Node<Item> | undefined;

/**
 * Items in an order, with the first that fits found in logarithmic time: a treap (Seidel and Aragon, 1996) that knows of
 * each subtree the least of two measures. Neither order nor measures of an item may change while it is in the tree.
 */
export class OrderedTree<Item> {
  readonly #compare: (a: Item, b: Item) => number;
  readonly #measure: (item: Item) => Measures;
  #root: Branch<Item>;
  /** Of a generator of priorities (xorshift): depths do not hang on what the items are. */
  #random = 0x9e3779b9;

  /**
   * @param compare below 0 where `a` comes before `b`; 0 only for one and the same
   * @param measure what {@link OrderedTree.first} prunes by
   */
  constructor(compare: (a: Item, b: Item) => number, measure: (item: Item) => Measures) {
    this.#compare = compare;
    this.#measure = measure;
  }

  get isEmpty(): boolean {
    return this.#root === undefined;
  }

  /** Adds an item that is not in the tree. */
  add(item: Item): void {
    this.#root = this.#insert(this.#root, new Node(item, this.#draw(), this.#measure(item)));
  }

  /** Takes an item out; nothing happens where it is not in the tree. */
  remove(item: Item): void {
    this.#root = this.#without(this.#root, item);
  }

  /** The first item of which neither measure is above its bound, and which `accepts`; undefined where there is none. */
  first(bounds: Measures, accepts: (item: Item) => boolean): Item | undefined {
    return search(this.#root, bounds[0], bounds[1], accepts);
  }

  /** All items in order. */
  *[Symbol.iterator](): Generator<Item> {
    yield* inOrder(this.#root);
  }

  #insert(branch: Branch<Item>, added: Node<Item>): Node<Item> {
    if (!branch) return added;
    if (added.priority > branch.priority) {
      [added.left, added.right] = this.#split(branch, added.item);
      return summed(added);
    }
    if (this.#compare(added.item, branch.item) < 0) branch.left = this.#insert(branch.left, added);
    else branch.right = this.#insert(branch.right, added);
    return summed(branch);
  }

  /** What comes before `item`, and what does not. */
  #split(branch: Branch<Item>, item: Item): [Branch<Item>, Branch<Item>] {
    if (!branch) return [undefined, undefined];
    if (this.#compare(branch.item, item) < 0) {
      const [low, high] = this.#split(branch.right, item);
      branch.right = low;
      return [summed(branch), high];
    }
    const [low, high] = this.#split(branch.left, item);
    branch.left = high;
    return [low, summed(branch)];
  }

  #without(branch: Branch<Item>, item: Item): Branch<Item> {
    if (!branch) return undefined;
    const side = this.#compare(item, branch.item);
    if (side === 0) return joined(branch.left, branch.right);
    if (side < 0) branch.left = this.#without(branch.left, item);
    else branch.right = this.#without(branch.right, item);
    return summed(branch);
  }

  #draw(): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return random;
  }
}

function search<Item>(
  branch: Branch<Item>,
  first: number,
  second: number,
  accepts: (item: Item) => boolean,
): Item | undefined {
  if (!branch || branch.leastFirst > first || branch.leastSecond > second) return undefined;
  const before = search(branch.left, first, second, accepts);
  if (before !== undefined) return before;
  if (branch.first <= first && branch.second <= second && accepts(branch.item)) return branch.item;
  return search(branch.right, first, second, accepts);
}

/** Both branches as one; all of `low` comes before all of `high`. */
function joined<Item>(low: Branch<Item>, high: Branch<Item>): Branch<Item> {
  if (!low || !high) return low ?? high;
  if (low.priority > high.priority) {
    low.right = joined(low.right, high);
    return summed(low);
  }
  high.left = joined(low, high.left);
  return summed(high);
}

function summed<Item>(node: Node<Item>): Node<Item> {
  const { left, right } = node;
  let { first, second } = node;
  if (left) {
    if (left.leastFirst < first) first = left.leastFirst;
    if (left.leastSecond < second) second = left.leastSecond;
  }
  if (right) {
    if (right.leastFirst < first) first = right.leastFirst;
    if (right.leastSecond < second) second = right.leastSecond;
  }
  node.leastFirst = first;
  node.leastSecond = second;
  return node;
}

function* inOrder<Item>(branch: Branch<Item>): Generator<Item> {
  if (!branch) return;
  yield* inOrder(branch.left);
  yield branch.item;
  yield* inOrder(branch.right);
}
