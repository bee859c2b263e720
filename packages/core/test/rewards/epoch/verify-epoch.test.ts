import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { chargeOf } from "../../../src/market/charge.js";
import { rewardDefaults } from "../../../src/rewards/parameters.js";
import type { EpochTotals } from "../../../src/rewards/epoch/epoch-sums.js";
import { readEpochLine, writtenParameters } from "../../../src/rewards/epoch/lines.js";
import { isEpochRefusal, type VerifiedEpoch } from "../../../src/rewards/epoch/verify-epoch.js";
import { leafHash, treeRoot } from "../../../src/shared/merkle.js";
import { MerkleAccumulator } from "../../../src/shared/merkle-accumulator.js";
import { fromHex, toHex } from "../../../src/shared/bytes.js";
import { ClaimsTree } from "../../../src/rewards/claims-tree.js";
import {
  buildEpoch,
  epochPrimitives,
  type EpochRows,
  headerOf,
  signLines,
  verify,
  writeEpoch,
  type WrittenEpoch,
} from "./epochs.js";

const id = (name: string) => toHex(primitives.sha256(primitives.text.encode(name)));
const [alice, bob, carol] = ["alice", "bob", "carol"].map(id) as [string, string, string];
const work = (name: string, operator: string, units: number, price = 3_087) => ({
  work: id(name),
  operator,
  units,
  price,
  amount: String(chargeOf(units, BigInt(price)).reward),
});

const rows: EpochRows = {
  attendances: [
    { available: id("agent 1"), operator: alice, units: 864_000_000_000 },
    { available: id("agent 2"), operator: bob, units: 43_200_000_007 },
  ],
  work: [work("task 1", alice, 7_200_000_000), work("task 2", bob, 13_000_001, 4_013), work("task 3", alice, 1)],
  settled: [{ settled: id("task 4"), operator: carol, amount: "77" }],
  payouts: [
    { payout: alice, address: "a1".repeat(20), amount: "20000000" },
    { payout: bob, address: "b2".repeat(20), amount: "40" },
    { payout: carol, address: "b2".repeat(20), amount: "77" },
  ],
};

const bytes = (hex: string) => fromHex(hex) ?? new Uint8Array(0);
const genuine = (result: ReturnType<typeof verify>): VerifiedEpoch => {
  if (isEpochRefusal(result)) throw new Error(`refused: ${result.mismatch} in line ${result.line}`);
  return result;
};

describe("an epoch that a pool has written", () => {
  it("is recomputed from its lines: what is issued, what each operator has earned", () => {
    const { totals, statement, rows: counts } = genuine(verify(writeEpoch(headerOf(0, undefined), rows)));
    const { earned } = totals;
    expect(counts).toEqual({ available: 2, work: 3, settled: 1, payout: 3 });
    expect(earned.get(carol)).toBe(77n);
    // 10 SCU for a day of 730 / 24 that are a month, at 1.5 AIS
    const issued = (864_000_000_000n * 1_500_000_000n) / (730n * 3_600n * 1_000_000n);
    expect(earned.get(alice)).toBe(issued + BigInt(rows.work?.[0]?.amount ?? 0) + BigInt(rows.work?.[2]?.amount ?? 0));
    expect(statement.earned).toBe(String([...earned.values()].reduce((sum, one) => sum + one, 0n)));
  });

  it("goes on from the one before, whoever had earned there", () => {
    const before = genuine(verify(writeEpoch(headerOf(0, undefined), rows)));
    const next = writeEpoch(headerOf(1, before), { work: [work("task 5", bob, 5)] }, before.totals);
    const { totals } = genuine(verify(next, before));
    expect(totals.earned.get(alice)).toBe(before.totals.earned.get(alice));
    expect(totals.earned.get(bob)).toBe((before.totals.earned.get(bob) ?? 0n) + chargeOf(5, 3_087n).reward);
    expect(genuine(verify(next)).totals).toEqual(totals);
  });

  it("says what was paid out to each address in all, two operators' together, and its tree is what contracts take", () => {
    const before = genuine(verify(writeEpoch(headerOf(0, undefined), rows)));
    const more = [{ payout: carol, address: "c3".repeat(20), amount: "1" }];
    const settled = [{ settled: id("task 5"), operator: carol, amount: "1" }];
    const next = writeEpoch(headerOf(1, before), { settled, payouts: more }, before.totals);
    const { totals, statement } = genuine(verify(next, before));
    const claimable = { ["a1".repeat(20)]: 20_000_000n, ["b2".repeat(20)]: 117n, ["c3".repeat(20)]: 1n };
    expect(Object.fromEntries(totals.claimable)).toEqual(claimable);
    expect(totals.paidOut.get(carol)).toBe(78n);
    const earnings = Object.entries(claimable).map(([address, amount]) => ({ address: bytes(address), amount }));
    const tree = ClaimsTree.of(earnings, epochPrimitives);
    expect(statement).toMatchObject({ claimable: "20000118", claims: "root" in tree && tree.root });
  });

  it("has no claims tree while nothing was paid out", () => {
    const { statement } = genuine(verify(writeEpoch(headerOf(0, undefined), { ...rows, payouts: [] })));
    expect(statement).toMatchObject({ claimable: "0", claims: new Uint8Array(32) });
  });

  it("tells by the order of its rows nothing of the order in which they were paid", () => {
    const header = headerOf(0, undefined);
    const backwards = { ...rows, work: [...(rows.work ?? [])].toReversed() };
    expect(writeEpoch(header, backwards).lines).toEqual(writeEpoch(header, rows).lines);
  });

  it("of nobody is one line", () => {
    expect(genuine(verify(writeEpoch(headerOf(0, undefined), {}))).statement).toMatchObject({ lines: 1, issued: "0" });
  });
});

/** The same file with one line changed, signed anew by the pool: it lies. */
function lying(change: (line: string) => string | readonly string[], paid = rows): WrittenEpoch {
  const header = headerOf(0, undefined);
  const { lines: before, built } = buildEpoch(header, paid);
  const lines = before.flatMap(change);
  const tree = new MerkleAccumulator(primitives);
  for (const line of lines) tree.add(leafHash(primitives.text.encode(line), primitives));
  return { lines, signed: signLines(header, { ...built, lines: lines.length, root: tree.root() }) };
}

describe("an epoch is refused", () => {
  it("where any line is altered in any one character, cut, dropped or doubled after it was signed", () => {
    const { lines, signed } = writeEpoch(headerOf(0, undefined), rows);
    const at = fc.record({ line: fc.nat(lines.length - 1), place: fc.nat(200), bit: fc.nat(6) });
    fc.assert(
      fc.property(at, fc.constantFrom("alter", "cut", "drop", "double"), ({ line, place, bit }, how) => {
        const changed = lines.flatMap((text, index) => {
          if (index !== line) return [text];
          const position = place % text.length;
          const other = String.fromCharCode((text.codePointAt(position) ?? 0) ^ (1 << bit));
          if (how === "alter") return [text.slice(0, position) + other + text.slice(position + 1)];
          return how === "cut" ? [text.slice(0, position)] : how === "drop" ? [] : [text, text];
        });
        expect(isEpochRefusal(verify({ lines: changed, signed }))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, string, (line: string) => string | readonly string[]]>([
    ["a receipt is there twice", "doubled", (line) => (line.includes(id("task 1")) ? [line, line] : line)],
    ["a task is paid more than its work is worth", "work", (line) => line.replace('"units":1,', '"units":9000,')],
    [
      "more is issued than its units are worth",
      "availability",
      (line) => line.replace('"units":43200000007,', '"units":43200009007,'),
    ],
    [
      "an operator is said to have earned more",
      "operator",
      (line) => line.replace(`"${carol}","earned":"77"`, `"${carol}","earned":"78"`),
    ],
    ["an operator's earnings are left out", "operator", (line) => (line.includes(`"${carol}","earned"`) ? [] : line)],
    [
      "an operator is said to have been paid out less",
      "operator",
      (line) => line.replace('"paidOut":"77"', '"paidOut":"76"'),
    ],
    [
      "an operator is paid out more than it has earned",
      "operator",
      (line) =>
        line
          .replace(`"${"b2".repeat(20)}","amount":"77"`, `"${"b2".repeat(20)}","amount":"78"`)
          .replace('"paidOut":"77"', '"paidOut":"78"'),
    ],
    [
      "an operator is paid out twice",
      "doubled",
      (line) => (line.includes(`"payout":"${carol}"`) ? [line, line.replace("b2b2", "b3b3")] : line),
    ],
    [
      "an address is said to have been paid more",
      "claims",
      (line) => line.replace('"claimable":"117"', '"claimable":"118"'),
    ],
    ["what an address can claim is left out", "claims", (line) => (line.includes('"claimable":"117"') ? [] : line)],
    [
      "an address is there to which nobody was paid out",
      "claims",
      (line) => (line.includes('"claimable":"117"') ? [line, line.replaceAll("b2b2", "b3b3")] : line),
    ],
    ["something is paid out to nobody's address", "line", (line) => line.replaceAll("b2".repeat(20), "00".repeat(20))],
    [
      "a row stands before its place",
      "line",
      (line) => (line.includes('"epoch"') ? [line, `{"settled":"${id("x")}","operator":"${bob}","amount":"0"}`] : line),
    ],
    [
      "rows stand in another order than their ids",
      "line",
      (line) => (line.includes(id("task 1")) ? [line.replace(id("task 1"), "f".repeat(64)), line] : line),
    ],
    ["a line says more than it may", "line", (line) => line.replace('"amount":"77"', '"amount":"77","note":1')],
    ["a number is written otherwise", "line", (line) => line.replace('"units":1,', '"units":1.0,')],
  ])("where %s, though the pool has signed it", (_, mismatch, change) => {
    expect(verify(lying(change))).toMatchObject({ mismatch });
  });

  it("where more units count than were connected", () => {
    expect(verify(writeEpoch(headerOf(0, undefined, { connected: "907200000006" }), rows))).toMatchObject({
      mismatch: "availability",
    });
  });

  it.each<[string, string, object]>([
    ["its budget is another than falls due", "header", { budget: "1" }],
    ["it ends at another time", "header", { end: headerOf(1, undefined).end }],
    [
      "its parameters are out of bounds",
      "header",
      { parameters: { ...writtenParameters(rewardDefaults), monthHours: 1 } },
    ],
  ])("where %s", (_, mismatch, change) => {
    expect(verify(writeEpoch(headerOf(0, undefined, change), {}))).toMatchObject({ mismatch });
  });

  it("where a receipt is paid that the epoch before has paid, or is paid as a settlement too", () => {
    const before = genuine(verify(writeEpoch(headerOf(0, undefined), rows)));
    const again = writeEpoch(headerOf(1, before), { work: [work("task 1", alice, 7_200_000_000)] }, before.totals);
    expect(verify(again, before)).toMatchObject({ mismatch: "doubled" });
    const twice = { ...rows, settled: [{ settled: id("task 1"), operator: carol, amount: "77" }] };
    expect(verify(writeEpoch(headerOf(0, undefined), twice))).toMatchObject({ mismatch: "doubled" });
  });

  it("where its statement has another claims tree, or another sum of it", () => {
    const header = headerOf(0, undefined);
    const { lines, built } = buildEpoch(header, rows);
    for (const change of [{ claims: new Uint8Array(32) }, { claimable: "20000118" }]) {
      const signed = signLines(header, { ...built, ...change });
      expect(verify({ lines, signed })).toMatchObject({ mismatch: "claims" });
    }
  });

  it("where another key has signed it, or it is signed for another epoch", () => {
    const written = writeEpoch(headerOf(0, undefined), rows);
    const other = createEd25519Signer().publicKey;
    expect(verify(written, undefined, other)).toMatchObject({ mismatch: "signature" });
    const { signed } = writeEpoch(headerOf(1, undefined), rows);
    expect(verify({ ...written, signed })).toMatchObject({ mismatch: "root" });
  });

  it("where it does not follow the one before: another id, an earlier epoch, other parameters, other earnings", () => {
    const before = genuine(verify(writeEpoch(headerOf(1, undefined), rows)));
    const other = genuine(verify(writeEpoch(headerOf(1, undefined), {})));
    const after = (header: ReturnType<typeof headerOf>, change: Partial<EpochTotals> = {}) =>
      verify(writeEpoch(header, {}, { ...before.totals, ...change }), before);
    expect(after(headerOf(2, other))).toMatchObject({ mismatch: "previous" });
    expect(after(headerOf(0, before))).toMatchObject({ mismatch: "previous" });
    const parameters = writtenParameters({ ...rewardDefaults, leastTakenPercent: 0 });
    expect(after(headerOf(2, before, { parameters }))).toMatchObject({ mismatch: "previous" });
    const { earned, paidOut, claimable } = before.totals;
    const next = headerOf(2, before);
    expect(after(next, { earned: new Map() })).toMatchObject({ mismatch: "operator" });
    expect(after(next, { earned: new Map([...earned, [bob, 41n]]) })).toMatchObject({ mismatch: "operator" });
    expect(after(next, { paidOut: new Map([...paidOut, [bob, 41n]]) })).toMatchObject({ mismatch: "operator" });
    const elsewhere = new Map([...claimable].map(([address, amount]) => [address.replaceAll("a", "d"), amount]));
    expect(after(next, { claimable: elsewhere })).toMatchObject({ mismatch: "claims" });
    expect(after(next, { claimable: new Map() })).toMatchObject({ mismatch: "claims" });
  });
});

it("a line of any text is read, or is none, and never throws", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(readEpochLine(text)).toBeUndefined();
    }),
  );
});

it("leaves that come one by one have the root of RFC 9162's tree", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 }), (leaves) => {
      const tree = new MerkleAccumulator(primitives);
      for (const leaf of leaves) tree.add(leaf);
      expect(tree.root()).toEqual(treeRoot(leaves, primitives));
    }),
  );
});
