import { toHex, type WorkLine } from "@aegis-pool/core";

/** A task that was paid. */
export interface PaidTask {
  /** SHA-256 of the receipt's body. */
  readonly id: Uint8Array;
  readonly operator: Uint8Array;
  /** µSCU-seconds. */
  readonly units: number;
  /** nAIS per SCU-second. */
  readonly price: number;
  /** nAIS. */
  readonly amount: bigint;
}

const idBytes = 32;
/** Rows of one bucket are sorted at a time: a million have fifteen in each. */
const buckets = 65_536;

/** All tasks that an epoch pays for, 60 bytes each, and their lines in the order of their ids. */
export class WorkRows {
  readonly #ids: Uint8Array;
  readonly #units: Float64Array;
  readonly #prices: Float64Array;
  readonly #amounts: BigInt64Array;
  /** Which of the operators. */
  readonly #operatorOf: Uint32Array;
  readonly #operators = new Map<string, number>();
  #size = 0;

  /** @param most as many as may come */
  constructor(most: number) {
    this.#ids = new Uint8Array(most * idBytes);
    [this.#units, this.#prices] = [new Float64Array(most), new Float64Array(most)];
    this.#amounts = new BigInt64Array(most);
    this.#operatorOf = new Uint32Array(most);
  }

  add({ id, operator, units, price, amount }: PaidTask): void {
    const at = this.#size++;
    this.#ids.set(id, at * idBytes);
    [this.#units[at], this.#prices[at], this.#amounts[at]] = [units, price, amount];
    const name = toHex(operator);
    const place = this.#operators.get(name) ?? this.#operators.size;
    this.#operators.set(name, place);
    this.#operatorOf[at] = place;
  }

  /** How much work was paid at each price, in numbers that are exact. */
  byPrice(): { readonly price: number; readonly work: number }[] {
    const sums = new Map<number, number>();
    const full: { price: number; work: number }[] = [];
    for (let at = 0; at < this.#size; at++) {
      const [price, units] = [this.#prices[at] ?? 0, this.#units[at] ?? 0];
      const work = (sums.get(price) ?? 0) + units;
      if (Number.isSafeInteger(work)) sums.set(price, work);
      else {
        full.push({ price, work: sums.get(price) ?? 0 });
        sums.set(price, units);
      }
    }
    return [...full, ...[...sums].map(([price, work]) => ({ price, work }))];
  }

  /** Sorted little by little, as they are asked for. */
  *lines(): Generator<WorkLine> {
    const operators = [...this.#operators.keys()];
    for (const bucket of this.#inBuckets()) {
      const hex = (at: number) => toHex(this.#ids.subarray(at * idBytes, (at + 1) * idBytes));
      const named = Array.from(bucket, (at) => ({ at, work: hex(at) }));
      named.sort((one, other) => (one.work < other.work ? -1 : 1));
      for (const { at, work } of named) {
        const operator = operators[this.#operatorOf[at] ?? 0] ?? "";
        const [units, price] = [this.#units[at] ?? 0, this.#prices[at] ?? 0];
        yield { work, operator, units, price, amount: String(this.#amounts[at]) };
      }
    }
  }

  /** Rows by the first two bytes of their ids. */
  *#inBuckets(): Generator<Uint32Array> {
    const bucketOf = (at: number) => ((this.#ids[at * idBytes] ?? 0) << 8) | (this.#ids[at * idBytes + 1] ?? 0);
    const ends = new Uint32Array(buckets);
    for (let at = 0; at < this.#size; at++) ends[bucketOf(at)]! += 1;
    for (let bucket = 1; bucket < buckets; bucket++) ends[bucket]! += ends[bucket - 1]!;
    const sorted = new Uint32Array(this.#size);
    const starts = ends.slice();
    for (let at = this.#size - 1; at >= 0; at--) sorted[(starts[bucketOf(at)]! -= 1)] = at;
    for (let bucket = 0; bucket < buckets; bucket++) yield sorted.subarray(starts[bucket], ends[bucket]);
  }
}
