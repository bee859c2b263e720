import { primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CommitteeShape, largeCommittee, smallCommittee } from "../../../src/federated/secure-sum/committee.js";
import { bytesOf } from "../../../src/federated/secure-sum/mask-stream.js";
import { openSum } from "../../../src/federated/secure-sum/result.js";
import type { Upload } from "../../../src/federated/secure-sum/upload.js";
import { parseCbor } from "../../../src/shared/cbor.js";
import { signStatement } from "../../../src/shared/signed.js";
import { memberAnswer } from "../../../src/federated/secure-sum/statements.js";
import { filled, known } from "../../fixtures.js";
import { type Parties, parties, state, uploadOf } from "./parties.js";
import { bytesOfSum, wholeSum } from "./whole-sum.js";

/** Uploads of `values`, by place. */
async function uploadsOf(of: Parties, values: readonly (readonly number[])[]): Promise<Map<number, Upload>> {
  const all = await Promise.all(values.map((each, place) => uploadOf(of, place, each)));
  return new Map(all.map((upload, place) => [place, upload]));
}

function plainSum(values: readonly (readonly number[])[]): number[] {
  return known(values[0]).map((_first, index) => values.reduce((sum, each) => (sum + known(each[index])) | 0, 0));
}

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const vectors = (count: number, length: number) =>
  fc.array(fc.array(word, { minLength: length, maxLength: length }), { minLength: count, maxLength: count });

const six = Array.from({ length: 6 }, (_, place) =>
  Array.from({ length: 40 }, (_word, index) => place * 1_000 - index * 7),
);

describe("a secure sum", () => {
  for (const shape of [smallCommittee, largeCommittee] satisfies CommitteeShape[]) {
    it(`is the sum modulo 2^32 of what was uploaded, with ${shape.threshold} of ${shape.size} members`, async () => {
      await fc.assert(
        fc.asyncProperty(vectors(5, 9), async (values) => {
          const of = await parties({ shape, groups: [5], length: 9 });
          const { words } = await wholeSum(of, await uploadsOf(of, values));
          expect([...known(words)]).toEqual(plainSum(values));
        }),
        { numRuns: 4 },
      );
    });

    it(`survives ${shape.threshold} silent members of ${shape.size}, from any phase on`, async () => {
      const silent = Array.from({ length: shape.threshold }, (_, index) => shape.size - 1 - index * 2);
      for (const phase of ["agreeing", "unmasking", "confirming"] as const) {
        const of = await parties({ shape });
        const { words } = await wholeSum(of, await uploadsOf(of, six), { silentFrom: { [phase]: silent } });
        expect([...known(words)]).toEqual(plainSum(six));
      }
    });

    it(`names ${shape.threshold} lying members of ${shape.size}, and is right all the same`, async () => {
      const liars = Array.from({ length: shape.threshold }, (_, index) => index * 2);
      const of = await parties({ shape });
      const answering = lyingMembers(of, liars);
      const { last, words } = await wholeSum(of, await uploadsOf(of, six), { answering });
      expect(last).toMatchObject({ phase: "summed", agreed: { liars } });
      expect([...known(words)]).toEqual(plainSum(six));
    });
  }

  it("goes on without whoever drops out, at any point before it is closed", async () => {
    const of = await parties();
    const uploads = await uploadsOf(of, six);
    uploads.delete(2);
    const { words, last } = await wholeSum(of, uploads);
    expect(last).toMatchObject({ phase: "summed", found: { participants: 5 } });
    expect([...known(words)]).toEqual(plainSum(six.filter((_, place) => place !== 2)));
  });

  it("is aborted, and can be tried again, where fewer than the floor are left", async () => {
    const of = await parties();
    const uploads = await uploadsOf(of, six);
    uploads.delete(2);
    uploads.delete(3);
    const { last, words } = await wholeSum(of, uploads, { aborting: [0, 1, 2, 3] });
    expect(last).toMatchObject({ phase: "aborted" });
    expect(words).toBeUndefined();
  });

  it("is aborted by a quorum of the members, and lost where they are split", async () => {
    const [three, two] = [await parties(), await parties()];
    const aborted = await wholeSum(three, await uploadsOf(three, six), { aborting: [0, 1, 3] });
    expect(aborted.last).toMatchObject({ phase: "aborted" });
    const split = await wholeSum(two, await uploadsOf(two, six), { aborting: [0, 1] });
    expect(split.last).toEqual({ phase: "lost", reason: "members-split" });
  });

  it("is lost, and never wrong, where a member lies and another is silent", async () => {
    const of = await parties();
    const course = { answering: lyingMembers(of, [0]), silentFrom: { unmasking: [3] } };
    expect(await wholeSum(of, await uploadsOf(of, six), course)).toEqual({
      last: { phase: "lost", reason: "members-silent" },
    });
  });

  it("is taken by a participant from a quorum of the members alone", async () => {
    const of = await parties();
    const ended = await wholeSum(of, await uploadsOf(of, six));
    const statements = ended.last.phase === "summed" ? ended.last.statements : [];
    const demand = { binding: of.binding(), committee: of.committee, state, floor: 5, length: of.length };
    const open = (bytes: Uint8Array, signed = statements, changes = {}) =>
      openSum(bytes, signed, { ...demand, ...changes }, primitives);
    expect(open(bytesOfSum(ended))).toMatchObject({ participants: 6, words: known(ended.words) });
    const crafted = Int32Array.from(known(ended.words), (value, index) => (index === 7 ? value + 1 : value));
    expect(open(bytesOf(crafted))).toBe("sum-mismatch");
    expect(open(bytesOfSum(ended), statements.slice(1))).toBe("no-quorum");
    expect(open(bytesOfSum(ended), Array(3).fill(statements[0]) as typeof statements)).toBe("no-quorum");
    expect(open(bytesOfSum(ended), statements, { state: filled(9) })).toBe("other-state");
    expect(open(bytesOfSum(ended), statements, { floor: 7 })).toBe("too-few");
    expect(open(bytesOfSum(ended), statements, { binding: { ...of.binding(), round: 2 } })).toBe("no-quorum");
  });
});

/** Members that add one to a sum of masks, and say so consistently. */
function lyingMembers(of: Parties, liars: readonly number[]) {
  return (
    member: number,
    answered: Parameters<NonNullable<Parameters<typeof wholeSum>[2]>["answering"] & object>[1],
  ) => {
    if (!liars.includes(member)) return answered;
    const masks = new Map(
      [...answered.masks].map(([subset, mask]) => [subset, mask.map((byte, at) => (at === 5 ? byte ^ 1 : byte))]),
    );
    const genuine = memberAnswerOf(answered.answer.body);
    const said = { ...genuine, masks: [...masks.values()].map((mask) => primitives.sha256(mask)) };
    return { answer: signStatement(memberAnswer, said, known(of.signers[member])), masks };
  };
}

function memberAnswerOf(body: Uint8Array) {
  const value = parseCbor(body);
  if (!memberAnswer.check(value)) throw new TypeError("not an answer");
  return value;
}
