import type { Part, Procedure } from "../procedure.js";
import { inRange } from "../training/range.js";
import { checkTerms, countsPart, type SumTerms, totalOf } from "./parts.js";
import { saltedHashOfText } from "./salted-hash.js";

/** Which categories are listed. */
export interface CategoryTerms extends SumTerms {
  /** 16 bytes that the participants of a run share and others do not know: names travel as salted hashes. */
  readonly salt: Uint8Array;
  /** A category is listed where at least so many participants have it, from 1. Default 3. */
  readonly leastParticipants?: number;
  /** A category is listed where at least so many records have it, from 0. Default 10. */
  readonly leastRecords?: number;
}

/**
 * The categories of one column that enough participants share. There are no names in it: a category is known by the
 * bucket into which its salted hash falls, so that who lacks a category does not learn it from the list.
 */
export interface CategoryList {
  readonly salt: readonly number[];
  /** Which 11 bits of the hash make the bucket, 0 to 3. */
  readonly sketch: number;
  /** Buckets of the listed categories, ascending. */
  readonly buckets: readonly number[];
  /** Records of each listed category, then of all others, then without a category. */
  readonly counts: readonly number[];
}

const bucketBits = 11;
const sketches = [0, 1, 2, 3] as const;

/**
 * Lists the categories of `columns` (null where unknown) by two sums. The first counts participants, not records, per
 * bucket of four independent sketches of 2,048 buckets; the sketch with the most buckets in use has the fewest
 * collisions and is kept. The second counts records of the buckets that at least `leastParticipants` participants have.
 * Two categories that collide are one: with 30 categories in a column all four sketches collide in less than 1 of 700
 * cases. What it tells: per bucket, how many participants use it, so that a participant who guesses a name can see that
 * *somebody* has it; who, nobody sees. What it releases: one record is at most one in each of four sketches of each
 * column, then one count of each; under noise `leastParticipants` should be some of its deviations, or buckets that
 * nobody uses are listed. Throws a RangeError for terms outside their ranges.
 */
export function* findCategories(
  columns: readonly (readonly (string | null)[])[],
  terms: CategoryTerms,
): Procedure<CategoryList[]> {
  const { salt, leastParticipants = 3, leastRecords = 10 } = terms;
  checkTerms(terms, columns[0]?.length ?? 0);
  inRange("leastParticipants", leastParticipants, { atLeast: 1, atMost: 2 ** 20, whole: true });
  inRange("leastRecords", leastRecords, { atLeast: 0, atMost: Number.MAX_SAFE_INTEGER, whole: true });
  if (columns.length === 0) return [];
  const bucketsOf = bucketer(salt);
  const presence = yield {
    name: "which categories there are",
    parts: columns.flatMap((column, at) => presenceParts(column, at, bucketsOf, terms)),
  };
  const lists = columns.map((_, at) =>
    listed(
      sketches.map((sketch) => totalOf(presence, at * sketches.length + sketch)),
      leastParticipants,
      salt,
    ),
  );
  const places = lists.map((list) => categoryPlaces(list));
  const parts = columns.map((column, at) =>
    countsPart(`column ${at}`, countsAt(column, places[at]!, lists[at]!.buckets.length + 2), terms),
  );
  const sums = yield { name: "records per category", parts };
  return lists.map((list, at) => withoutRare(list, totalOf(sums, at), leastRecords));
}

/**
 * For a category, its place in `list` from 0; the number of listed ones for another, and one more where nothing is
 * known.
 */
export function categoryPlaces(list: CategoryList): (category: string | null) => number {
  const bucketsOf = bucketer(Uint8Array.from(list.salt));
  const places = new Map(list.buckets.map((bucket, place) => [bucket, place]));
  const other = list.buckets.length;
  return (category) => (category === null ? other + 1 : (places.get(bucketsOf(category)[list.sketch]!) ?? other));
}

/** A list that anybody can make of `names` without looking at records: where the categories are public knowledge. */
export function publicCategories(names: readonly string[], salt: Uint8Array): CategoryList {
  const bucketsOf = bucketer(salt);
  const presence = sketches.map((sketch) => {
    const buckets = new Float64Array(1 << bucketBits);
    for (const name of names) buckets[bucketsOf(name.normalize("NFC"))[sketch]!] = 1;
    return buckets;
  });
  return listed(presence, 1, salt);
}

/** The bucket of a name in each sketch; remembers the names it has seen. */
function bucketer(salt: Uint8Array): (name: string) => readonly number[] {
  const known = new Map<string, readonly number[]>();
  return (name) => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const [low, high] = saltedHashOfText(name, salt);
    const mask = (1 << bucketBits) - 1;
    const buckets = [low & mask, (low >>> bucketBits) & mask, high & mask, (high >>> bucketBits) & mask];
    known.set(name, buckets);
    return buckets;
  };
}

function presenceParts(
  column: readonly (string | null)[],
  at: number,
  bucketsOf: (name: string) => readonly number[],
  terms: SumTerms,
): Part[] {
  const names = new Set(column.filter((name) => name !== null));
  return sketches.map((sketch) => {
    const values = new Float64Array(1 << bucketBits);
    for (const name of names) values[bucketsOf(name)[sketch]!] = 1;
    return countsPart(`column ${at}, sketch ${sketch}`, values, terms, 1);
  });
}

function listed(presence: readonly Float64Array[], leastParticipants: number, salt: Uint8Array): CategoryList {
  const inUse = presence.map((buckets) => buckets.reduce((sum, participants) => sum + (participants >= 1 ? 1 : 0), 0));
  const sketch = inUse.indexOf(Math.max(...inUse));
  const buckets = Array.from(presence[sketch]!.keys()).filter(
    (bucket) => presence[sketch]![bucket]! >= leastParticipants,
  );
  return { salt: Array.from(salt), sketch, buckets, counts: [] };
}

function countsAt(
  column: readonly (string | null)[],
  placeOf: (name: string | null) => number,
  places: number,
): Float64Array {
  const counts = new Float64Array(places);
  for (const name of column) {
    const place = placeOf(name);
    counts[place] = counts[place]! + 1;
  }
  return counts;
}

/** Records of a category that is too rare to be listed are among the others. */
function withoutRare(list: CategoryList, counts: Float64Array, leastRecords: number): CategoryList {
  const listedCounts = list.buckets.map((bucket, place) => ({ bucket, count: counts[place]! }));
  const kept = listedCounts.filter(({ count }) => count >= leastRecords);
  const rare = listedCounts.reduce((sum, { count }) => sum + (count >= leastRecords ? 0 : count), 0);
  const [other, unknown] = counts.subarray(list.buckets.length);
  return {
    ...list,
    buckets: kept.map(({ bucket }) => bucket),
    counts: [...kept.map(({ count }) => count), (other ?? 0) + rare, unknown ?? 0],
  };
}
