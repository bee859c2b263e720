import { boxSealer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { largeCommittee, smallCommittee } from "../../../src/federated/secure-sum/committee.js";
import { openCommittee } from "../../../src/federated/secure-sum/committee-keys.js";
import { memberKeys, maskedUpload, memberVerdict } from "../../../src/federated/secure-sum/statements.js";
import type { Survivor } from "../../../src/federated/secure-sum/survivors.js";
import { maskUpload, type Upload } from "../../../src/federated/secure-sum/upload.js";
import { boxInfo, freshSeeds, seedHash, seedsFor } from "../../../src/federated/secure-sum/seeds.js";
import { isAborted } from "../../../src/federated/secure-sum/result.js";
import { type Signed, signStatement } from "../../../src/shared/signed.js";
import { parseCbor } from "../../../src/shared/cbor.js";
import { filled, flipped, known } from "../../fixtures.js";
import { fetchFrom, type Parties, parties, recordIn, state, uploadOf } from "./parties.js";
import { signedOf } from "./whole-sum.js";

const values = Array.from({ length: 40 }, (_, index) => index * 3 - 50);

/** Parties whose members all hold an upload of each participant. */
async function gathered(setting: Parameters<typeof parties>[0] = {}) {
  const of = await parties(setting);
  const uploads = await Promise.all(of.participants.map((_, place) => uploadOf(of, place, values)));
  for (const [place, { statement }] of uploads.entries()) {
    const refusals = await Promise.all(of.members.map((member) => member.takeUpload(statement, place)));
    expect(refusals).toEqual(refusals.map(() => undefined));
  }
  return { of, uploads, survivors: survivorsOf(uploads) };
}

function survivorsOf(uploads: readonly Upload[], from = 0): Survivor[] {
  return uploads.map(({ statement }, index) => ({ place: from + index, statement: primitives.sha256(statement.body) }));
}

/** A file of nothing but zeros, whatever is asked for. */
const zeros = (length: number) => () => Promise.resolve(new Uint8Array(length));

const firstOf = (of: Parties) => known(of.members[0]);

/** Verdicts of all members for the same survivors. */
async function verdictsFor(of: Parties, survivors: readonly Survivor[], members = of.members): Promise<Signed[]> {
  return (await Promise.all(members.map((member) => member.sign(0, survivors)))).map((verdict) => signedOf(verdict));
}

describe("a committee member", () => {
  it("signs one set of survivors for a sum, and no other: not one without a single participant, not ABORT", async () => {
    const { of, survivors } = await gathered();
    const first = signedOf(await firstOf(of).sign(0, survivors));
    expect(await firstOf(of).sign(0, survivors.slice(0, 5))).toBe("already-signed");
    expect(await firstOf(of).abort(0)).toBe("already-signed");
    expect(await firstOf(of).sign(0, survivors)).toEqual(first);
  });

  it("signs no survivors after ABORT", async () => {
    const { of, survivors } = await gathered();
    signedOf(await firstOf(of).abort(0));
    expect(await firstOf(of).sign(0, survivors)).toBe("already-signed");
  });

  it("has written down what it signs before it signs, so that a second copy of it signs nothing else", async () => {
    const { of, survivors } = await gathered();
    signedOf(await firstOf(of).sign(0, survivors));
    const twin = await parties({ before: of });
    const uploads = await Promise.all(twin.participants.map((_, place) => uploadOf(twin, place, values)));
    for (const [place, { statement }] of uploads.entries()) await firstOf(twin).takeUpload(statement, place);
    expect(await firstOf(twin).sign(0, survivorsOf(uploads))).toBe("already-signed");
    expect(await firstOf(twin).abort(0)).toBe("already-signed");
  });

  it("has nothing recorded when writing it down fails, and signs nothing", async () => {
    const { of, survivors } = await gathered();
    const broken = new Map<string, Uint8Array>();
    const failing = recordIn(broken);
    known(of.records[0]).set = () => {
      throw new Error("disk full");
    };
    await expect((async () => firstOf(of).sign(0, survivors))()).rejects.toThrow("disk full");
    expect(await failing(of.binding(), filled(1))).toEqual(filled(1));
  });

  it("answers only for what a quorum has signed, and only where that is what it has signed itself", async () => {
    const { of, uploads, survivors } = await gathered();
    const without = survivors.slice(1);
    const [zero, one, two, three] = of.members.map((_, index) => known(of.members[index]));
    // the pool shows S to three members and S without one participant to the fourth
    const forAll = await verdictsFor(of, survivors, [known(zero), known(one), known(two)]);
    const forFewer = signedOf(await known(three).sign(0, without));
    const fetchUpload = fetchFrom(uploads);
    expect(await known(three).answer(0, forAll, fetchUpload)).toBe("no-quorum");
    expect(await known(three).answer(0, [forFewer, ...forAll.slice(1)], fetchUpload)).toBe("no-quorum");
    expect(await known(zero).answer(0, [...forAll.slice(1), forFewer], fetchUpload)).toBe("no-quorum");
    expect(await known(zero).answer(0, [known(forAll[0]), known(forAll[0]), known(forAll[0])], fetchUpload)).toBe(
      "no-quorum",
    );
    expect(await known(zero).answer(0, forAll, fetchUpload)).toMatchObject({ answer: { body: expect.anything() } });
  });

  it("does not take another member's verdict signed by somebody else for a verdict", async () => {
    const { of, uploads, survivors } = await gathered();
    const own = signedOf(await firstOf(of).sign(0, survivors));
    const said = parseCbor(own.body) as object;
    const forged = [1, 2].map((member) =>
      signStatement(memberVerdict, { ...said, member } as never, known(of.signers[0])),
    );
    expect(await firstOf(of).answer(0, [own, ...forged], fetchFrom(uploads))).toBe("no-quorum");
  });

  it("signs for at least the floor, each once, of this group, in one state, whose uploads it has checked", async () => {
    const { of, uploads, survivors } = await gathered({ groups: [6, 5] });
    const [mine, theirs] = [survivors.slice(0, 6), survivors.slice(6)];
    const sign = (set: readonly Survivor[]) => firstOf(of).sign(0, set);
    expect(await sign(mine.slice(0, 4))).toBe("below-floor");
    expect(await sign([...mine.slice(0, 4), known(mine[3])])).toBe("doubled");
    expect(await sign([known(mine[1]), known(mine[0]), ...mine.slice(2)])).toBe("doubled");
    expect(await sign([...mine.slice(0, 5), known(theirs[0])])).toBe("wrong-group");
    expect(await sign([...mine.slice(0, 5), { place: 5, statement: filled(1) }])).toBe("upload-unknown");
    const odd = await uploadOf(of, 0, values, { state: filled(8) });
    const other = await parties({ groups: [6, 5], before: of });
    const alike = await Promise.all([1, 2, 3, 4].map((place) => uploadOf(other, place, values)));
    const mixed = [await uploadOf(other, 0, values, { state: filled(8) }), ...alike];
    for (const [place, { statement }] of mixed.entries()) await firstOf(other).takeUpload(statement, place);
    expect(await firstOf(other).sign(0, survivorsOf(mixed))).toBe("states-differ");
    expect(await firstOf(of).takeUpload(odd.statement, 0)).toBe("upload-changed");
    expect(uploads).toHaveLength(11);
  });

  it("takes no upload of another round, attempt, group, committee, participant or length, and none twice", async () => {
    const of = await parties({ groups: [6, 5] });
    const next = await parties({ groups: [6, 5], before: of, round: 2 });
    const again = await parties({ groups: [6, 5], before: of, attempt: 2 });
    const longer = await parties({ groups: [6, 5], before: of, length: 41 });
    const take = (upload: Upload, place = 0) => firstOf(of).takeUpload(upload.statement, place);
    expect(await take(await uploadOf(next, 0, values))).toBe("upload-invalid");
    expect(await take(await uploadOf(again, 0, values))).toBe("upload-invalid");
    expect(await take(await uploadOf(longer, 0, [...values, 1]))).toBe("upload-invalid");
    expect(await take(await uploadOf(of, 0, values, { group: 1 }))).toBe("upload-invalid");
    expect(await take(await uploadOf(of, 0, values, { committee: { ...of.committee, hash: filled(7) } }))).toBe(
      "upload-invalid",
    );
    const genuine = await uploadOf(of, 0, values);
    expect(await take(genuine, 1)).toBe("upload-invalid");
    expect(await take(genuine, 11)).toBe("not-in-roster");
    expect(await take(genuine)).toBeUndefined();
    expect(await take(genuine)).toBeUndefined();
    expect(await take(await uploadOf(of, 0, values))).toBe("upload-changed");
  });

  for (const shape of [smallCommittee, largeCommittee]) {
    it(`complains where other seeds were sealed to it than to the others, of ${shape.size}`, async () => {
      const of = await parties({ shape });
      const signer = known(of.participants[0]);
      const genuine = await uploadOf(of, 0, values);
      const said = known(maskedUploadOf(genuine.statement));
      // the box of member 2 alone holds seeds that no other member has, under the hashes that all see
      const box = known(
        await boxSealer.sealBox(
          known(of.committee.members[2]).hpke,
          boxInfo(said, 2, primitives),
          seedsFor(2, freshSeeds(shape, primitives), shape),
        ),
      );
      const boxes = said.boxes.map((each, member) => (member === 2 ? box : each));
      const split = signStatement(maskedUpload, { ...said, boxes }, signer);
      expect(await known(of.members[2]).takeUpload(split, 0)).toBe("seeds-disagree");
      expect(await firstOf(of).takeUpload(split, 0)).toBeUndefined();
      // with a hash that fits that box the box no longer opens: it is sealed under all the hashes
      const [own] = freshSeeds(shape, primitives);
      const owner = { ...said, subset: 0 };
      const seedHashes = said.seedHashes.map((hash, subset) =>
        subset === 0 ? seedHash(known(own), owner, primitives) : hash,
      );
      const rehashed = signStatement(maskedUpload, { ...said, seedHashes }, signer);
      expect(await known(of.members[1]).takeUpload(rehashed, 0)).toBe("seeds-disagree");
    });
  }

  it("does not sum an upload that is not the one its participant has signed", async () => {
    const { of, uploads, survivors } = await gathered();
    const verdicts = await verdictsFor(of, survivors);
    const bent = uploads.map(({ statement, masked }, place) => ({
      statement,
      masked: place === 3 ? flipped(masked, 9) : masked,
    }));
    const byPlace = new Map(
      uploads.map(({ masked }, place) => [Buffer.from(primitives.sha256(masked)).toString("hex"), place]),
    );
    const fetchBent = (hash: Uint8Array) =>
      Promise.resolve(known(bent[known(byPlace.get(Buffer.from(hash).toString("hex")))]).masked);
    expect(await firstOf(of).answer(0, verdicts, fetchBent)).toBe("not-the-upload");
    expect(await firstOf(of).answer(0, verdicts, zeros(4))).toBe("not-the-upload");
  });

  it("confirms no sum for other answers than its own, nor with masks that are not what the others have said", async () => {
    const { of, uploads, survivors } = await gathered();
    const verdicts = await verdictsFor(of, survivors);
    expect(await firstOf(of).confirm(0, [], () => Promise.reject(new Error("not asked")))).toBe("not-answered");
    const answers = await Promise.all(
      of.members.map(async (member) => {
        const answered = await member.answer(0, verdicts, fetchFrom(uploads));
        if (typeof answered === "string") throw new TypeError(`the member refuses: ${answered}`);
        return answered;
      }),
    );
    const signed = answers.map(({ answer }) => answer);
    expect(await firstOf(of).confirm(0, signed, zeros(160))).toBe("masks-missing");
    expect(await firstOf(of).confirm(0, signed.slice(0, 1), zeros(160))).toBe("answers-disagree");
    expect(await firstOf(of).confirm(0, [], zeros(160))).toBe("answers-disagree");
  });
});

describe("an ABORT", () => {
  it("counts where a quorum of the members has signed it, for this very sum", async () => {
    const { of } = await gathered();
    const verdicts = (await Promise.all(of.members.map((member) => member.abort(0)))).map((each) => signedOf(each));
    const aborted = (signed: readonly Signed[], changes = {}) =>
      isAborted(signed, { ...of.binding(), ...changes }, of.committee, primitives);
    expect(aborted(verdicts.slice(0, 3))).toBe(true);
    expect(aborted(verdicts.slice(0, 2))).toBe(false);
    expect(aborted([known(verdicts[0]), known(verdicts[0]), known(verdicts[1])])).toBe(false);
    expect(aborted(verdicts, { attempt: 2 })).toBe(false);
    expect(aborted(verdicts, { group: 1 })).toBe(false);
    const { of: others, survivors } = await gathered();
    expect(isAborted(await verdictsFor(others, survivors), others.binding(), others.committee, primitives)).toBe(false);
  });
});

describe("a committee", () => {
  it("is the agents that were drawn, each in its place, with keys that it has signed for this attempt", async () => {
    const of = await parties();
    const attempt = { run: of.terms.run, round: 1, attempt: 1 };
    const open = (signed: readonly Signed[], changes = {}, terms = {}) =>
      openCommittee(signed, { ...attempt, ...changes }, { ...of.terms, ...terms }, primitives);
    expect(open(of.signedKeys)?.hash).toEqual(of.committee.hash);
    expect(open(of.signedKeys, { round: 2 })).toBeUndefined();
    expect(open(of.signedKeys, { attempt: 2 })).toBeUndefined();
    expect(open(of.signedKeys, { run: filled(1) })).toBeUndefined();
    expect(open(of.signedKeys, {}, { roster: filled(1) })).toBeUndefined();
    expect(open(of.signedKeys.slice(0, 3))).toBeUndefined();
    expect(open(of.signedKeys.toReversed())).toBeUndefined();
    const [first] = of.signedKeys;
    const said = parseCbor(known(first).body) as object;
    const impostor = signStatement(memberKeys, said as never, known(of.agents[1]));
    expect(open([impostor, ...of.signedKeys.slice(1)])).toBeUndefined();
  });

  it("with a key that is no point of the curve is given no upload", async () => {
    const of = await parties();
    const members = of.committee.members.map((keys, place) => (place === 1 ? { ...keys, hpke: filled(0) } : keys));
    const committee = { ...of.committee, members };
    const context = { binding: of.binding(), committee, state };
    const upload = maskUpload(new Int32Array(4), context, known(of.participants[0]), boxSealer, primitives);
    expect(await upload).toBeUndefined();
  });
});

function maskedUploadOf(signed: Signed) {
  const value = parseCbor(signed.body);
  return maskedUpload.check(value) ? value : undefined;
}
