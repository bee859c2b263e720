import { describe, expect, it } from "vitest";
import {
  categoryPlaces,
  type CategoryTerms,
  findCategories,
  publicCategories,
} from "../../../src/federated/preprocessing/categories.js";
import { runTogether } from "../../../src/federated/run-together.js";
import { seededUniform } from "../../../src/federated/training/seeded.js";
import { roundedSum } from "../rounded-sum.js";
import { known } from "../../fixtures.js";

const salt = Uint8Array.from({ length: 16 }, (_, at) => 3 * at + 1);
const terms: CategoryTerms = { mostParticipants: 50, mostRows: 1000, salt, leastParticipants: 3, leastRecords: 4 };
type Name = string | null;

function together(columns: readonly (readonly Name[])[], changed: Partial<CategoryTerms> = {}) {
  const results = runTogether(
    columns.map((column) => findCategories([column], { ...terms, ...changed })),
    roundedSum(seededUniform(1), terms.mostParticipants),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return known(known(results[0])[0]);
}

/**
 * "car" and "house" are shared by enough; "boat" only by two; "yacht" is the second participant's alone; "tent" has too
 * few records.
 */
const lenders: Name[][] = [
  ["car", "house", "boat", "car", null, "tent"],
  ["car", "yacht", "yacht", "yacht", "yacht", "yacht", "house"],
  ["car", "house", "boat", "house", "hut", "tent"],
  ["car", "hut", null, "hut", "tent"],
  [],
];

describe("the categories that participants share", () => {
  it("are listed where enough participants and records have them; all others are counted together", () => {
    const list = together(lenders);
    const placeOf = categoryPlaces(list);
    const counts = new Map(["car", "house"].map((name) => [name, list.counts[placeOf(name)]]));
    expect(counts).toEqual(
      new Map([
        ["car", 5],
        ["house", 4],
      ]),
    );
    expect(list.buckets).toHaveLength(2);
    // Two boats, five yachts, three huts and three tents; then two unknown ones.
    expect(list.counts.slice(2)).toEqual([13, 2]);
  });

  it("give one place to what is not listed, whether it was seen or never was, and one to what is unknown", () => {
    const placeOf = categoryPlaces(together(lenders));
    expect(["boat", "yacht", "hut", "tent", "castle"].map(placeOf)).toEqual([2, 2, 2, 2, 2]);
    expect(placeOf(null)).toBe(3);
  });

  it("count participants, not records: what one has a thousand times is not listed", () => {
    const columns: Name[][] = [Array.from({ length: 1000 }, () => "yacht"), ["car"], ["car"], ["car"]];
    const list = together(columns, { leastRecords: 0 });
    expect(list.buckets).toHaveLength(1);
    expect(list.counts).toEqual([3, 1000, 0]);
  });

  it("leave no name in the list, nor anything that depends on a name that is not listed", () => {
    const without = lenders.map((column) => column.map((name) => (name === "yacht" ? "dinghy" : name)));
    expect(together(without)).toEqual(together(lenders));
    expect(JSON.stringify(together(lenders))).not.toMatch(/car|house|boat|yacht|hut|tent/);
  });

  it("tell 40 categories apart, by the sketch in which fewest collide", () => {
    const names = Array.from({ length: 40 }, (_, at) => `purpose ${at}`);
    const list = together([names, names, names], { leastRecords: 0 });
    expect(list.buckets).toHaveLength(40);
    // In the first sketch, some of these collide: without a choice of sketches they would be one.
    expect(list.sketch).toBeGreaterThan(0);
    expect(new Set(names.map(categoryPlaces(list)))).toEqual(new Set(Array.from(list.buckets.keys())));
  });

  it("are none in a column without any, and for participants without records", () => {
    expect(together([[null, null], [], []])).toMatchObject({ buckets: [], counts: [0, 2] });
    expect(together([[], [], []])).toMatchObject({ buckets: [], counts: [0, 0] });
  });

  it("are found under noise where the threshold is well above it, and no bucket is listed that nobody uses", () => {
    const names = ["car", "house", "hut"];
    const columns = Array.from({ length: 40 }, () => Array.from({ length: 90 }, (_, at) => known(names[at % 3])));
    const list = together(columns, { leastParticipants: 25, leastRecords: 500, noiseVariance: 0.5 });
    expect(list.buckets).toHaveLength(3);
    expect(new Set(names.map(categoryPlaces(list)))).toEqual(new Set([0, 1, 2]));
    expect(list.counts).not.toEqual([1200, 1200, 1200, 0, 0]);
  });

  it("can be listed without looking at records where everybody knows them", () => {
    const list = publicCategories(["car", "house"], salt);
    expect(["car", "house", "boat", null].map(categoryPlaces(list)).toSorted((one, other) => one - other)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it.each([
    [{ leastParticipants: 0 }, "leastParticipants must be"],
    [{ leastRecords: -1 }, "leastRecords must be"],
    [{ salt: salt.subarray(1) }, "a salt has 16 bytes"],
    [{ mostRows: 3 }, "rows of this participant must be"],
  ] as [Partial<CategoryTerms>, string][])("refuse %o", (wrong, message) => {
    expect(() => together(lenders, wrong)).toThrow(message);
  });
});
