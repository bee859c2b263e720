import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  committeeOf,
  draw,
  drawCommitment,
  drawnOrder,
  groupsOf,
  mostPassedOver,
} from "../../../src/federated/run/draw.js";
import { openRoster, type Roster, rosterHash, rosterNameOf } from "../../../src/federated/run/roster.js";
import { conflictInRun, openRun, runTerms, type RunTerms, seatsHash } from "../../../src/federated/run/terms.js";
import { smallCommittee } from "../../../src/federated/secure-sum/committee.js";
import { toHex } from "../../../src/shared/bytes.js";
import { toCbor } from "../../../src/shared/cbor.js";
import { signStatement } from "../../../src/shared/signed.js";
import { filled, known } from "../../fixtures.js";

const [owner, pool] = [createEd25519Signer(), filled(0x70)];
const seats = Array.from({ length: 12 }, (_, place) => filled(place + 1));
const nonces = seats.map((_, place) => filled(0x80 + place));
const participants = seats.map((seat, place) => {
  const participant = filled(0x40 + place);
  return { seat, participant, commitment: drawCommitment(known(nonces[place]), participant, primitives) };
});
/** Two agents of each operator. */
const candidates = Array.from({ length: 16 }, (_, index) => ({
  agent: filled(0xa0 + index),
  operator: filled(0xc0 + (index >> 1)),
  price: "3000",
}));
const terms: RunTerms = {
  ...{ pool, owner: owner.publicKey, committee: smallCommittee, participants: 12, seats: seatsHash(seats, primitives) },
  ...{ floor: 5, groups: 2, plan: filled(0x71), rounds: 10, values: 1_000, uploadMs: 60_000, maxPrice: "4000" },
  ...{ maxWork: 1_000, createdAt: 1 },
};
const signed = signStatement(runTerms, terms, owner);
const run = known(openRun(signed, pool, primitives));
const roster: Roster = { run: run.id, floor: 5, participants, candidates };
const hash = rosterHash(toCbor(roster), primitives);
const drawn = known(draw(roster, hash, nonces, primitives));

describe("a draw", () => {
  it("is made of every participant's part: with another it is another", () => {
    for (const place of nonces.keys()) {
      const others = participants.map((each, at) =>
        at === place ? withNonce(each.participant, filled(9), each.seat) : each,
      );
      const parts = nonces.map((nonce, at) => (at === place ? filled(9) : nonce));
      const again = known(draw({ ...roster, participants: others }, hash, parts, primitives));
      expect(toHex(again.seed)).not.toBe(toHex(drawn.seed));
    }
    expect(toHex(known(draw(roster, filled(1), nonces, primitives)).seed)).not.toBe(toHex(drawn.seed));
  });

  it("is none with a part that was not committed to, or too few, too many or in another order", () => {
    expect(draw(roster, hash, nonces.with(4, filled(9)), primitives)).toBeUndefined();
    expect(draw(roster, hash, nonces.slice(1), primitives)).toBeUndefined();
    expect(draw(roster, hash, [...nonces, filled(9)], primitives)).toBeUndefined();
    expect(draw(roster, hash, nonces.toReversed(), primitives)).toBeUndefined();
    expect(draw(roster, hash, nonces.with(0, new Uint8Array(0)), primitives)).toBeUndefined();
  });

  it("commits each participant for itself: another's commitment is no use", () => {
    expect(toHex(drawCommitment(filled(1), filled(2), primitives))).not.toBe(
      toHex(drawCommitment(filled(1), filled(3), primitives)),
    );
  });

  it("draws each operator once, and each as often as any other", () => {
    const counts = new Map<string, number>();
    const tries = 2_000;
    for (let seed = 0; seed < tries; seed++) {
      const order = drawnOrder(roster, { seed: primitives.sha256(Uint8Array.of(seed & 255, seed >> 8)) }, primitives);
      expect(order).toHaveLength(8);
      expect(new Set(order.map(({ operator }) => toHex(operator))).size).toBe(8);
      for (const { operator } of order.slice(0, 4)) counts.set(toHex(operator), (counts.get(toHex(operator)) ?? 0) + 1);
    }
    // half of them each time, with a standard deviation of 22
    for (const count of counts.values()) expect(Math.abs(count - tries / 2)).toBeLessThan(110);
  });

  it("goes on to the next in its order for each that is passed over, a bounded number of times", () => {
    const order = drawnOrder(roster, drawn, primitives);
    const first = known(committeeOf(order, smallCommittee, new Set()));
    expect(first).toEqual(order.slice(0, 4));
    const without = known(committeeOf(order, smallCommittee, new Set([toHex(known(first[1]).agent)])));
    expect(without).toEqual([order[0], order[2], order[3], order[4]]);
    const many = order.slice(0, 5).map(({ agent }) => toHex(agent));
    expect(committeeOf(order, smallCommittee, new Set(many))).toBeUndefined();
    const strangers = Array.from({ length: 4 * mostPassedOver + 1 }, (_, index) => `stranger ${index}`);
    expect(committeeOf(order, smallCommittee, new Set(strangers))).toBeUndefined();
  });

  it("cuts the roster into disjoint groups whose sizes differ by one at most", () => {
    const counts = fc.record({
      groups: fc.integer({ min: 1, max: 12 }),
      seed: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    });
    fc.assert(
      fc.property(counts, ({ groups, seed }) => {
        const groupOf = groupsOf(roster, { seed }, groups, primitives);
        const sizes = Array.from({ length: groups }, (_, group) => groupOf.filter((each) => each === group).length);
        expect(sizes.reduce((all, size) => all + size)).toBe(12);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("a roster", () => {
  const open = (changed: Partial<Roster>) => openRoster(toCbor({ ...roster, ...changed }), run, seats);

  it("is one of the run's seats, each once, with a participant each and enough of them for each group", () => {
    expect(open({})).toBeDefined();
    expect(open({ run: filled(1) })).toBeUndefined();
    expect(open({ floor: 6 })).toBeUndefined();
    expect(open({ participants: participants.toReversed() })).toBeUndefined();
    expect(open({ participants: participants.slice(0, 9) })).toBeUndefined();
    expect(open({ participants: participants.slice(0, 10) })).toBeDefined();
    const [one, two] = [known(participants[0]), known(participants[1])];
    expect(
      open({ participants: [one, { ...two, participant: one.participant }, ...participants.slice(2)] }),
    ).toBeUndefined();
    expect(open({ participants: [one, { ...two, seat: one.seat }, ...participants.slice(2)] })).toBeUndefined();
    const foreign = { ...known(participants.at(-1)), seat: filled(0x3f) };
    expect(open({ participants: [...participants.slice(0, -1), foreign] })).toBeUndefined();
    expect(open({ candidates: candidates.toReversed() })).toBeUndefined();
    expect(openRoster(Uint8Array.of(1, 2, 3), run, seats)).toBeUndefined();
  });

  it("has a hash that says what members are told of it", () => {
    const keys = participants.map(({ participant }) => participant);
    const told = { run: run.id, floor: 5, participants: keys, body: primitives.sha256(toCbor(roster)) };
    expect(toHex(rosterNameOf(told, primitives))).toBe(toHex(hash));
    for (const change of [{ floor: 6 }, { participants: keys.toReversed() }, { run: filled(1) }, { body: filled(2) }]) {
      expect(toHex(rosterNameOf({ ...told, ...change }, primitives))).not.toBe(toHex(hash));
    }
    expect(toHex(rosterHash(toCbor({ ...roster, candidates: [] }), primitives))).not.toBe(toHex(hash));
  });
});

describe("a run's terms", () => {
  it("are signed by the run's own key, for one pool, and go together", () => {
    expect(openRun(signed, filled(1), primitives)).toBeUndefined();
    expect(openRun(signStatement(runTerms, terms, createEd25519Signer()), pool, primitives)).toBeUndefined();
    expect(openRun(signStatement(runTerms, { ...terms, floor: 13 }, owner), pool, primitives)).toBeUndefined();
    expect(conflictInRun({ ...terms, floor: 13, groups: 1 })).toContain("above the 12 participants");
    expect(conflictInRun({ ...terms, groups: 3 })).toContain("fewer than the floor of 5");
    expect(conflictInRun(terms)).toBeUndefined();
  });
});

function withNonce(participant: Uint8Array, nonce: Uint8Array, seat: Uint8Array) {
  return { seat, participant, commitment: drawCommitment(nonce, participant, primitives) };
}
