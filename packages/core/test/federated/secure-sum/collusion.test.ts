import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { keystream, maskStream, wordsOf } from "../../../src/federated/secure-sum/mask-stream.js";
import {
  type CommitteeShape,
  largeCommittee,
  smallCommittee,
  subsetsKnownTo,
  subsetsOf,
} from "../../../src/federated/secure-sum/committee.js";
import { encode, spoiledPart } from "../../../src/federated/secure-sum/encoding.js";
import { openSeeds } from "../../../src/federated/secure-sum/seeds.js";
import { maskedUpload } from "../../../src/federated/secure-sum/statements.js";
import type { Upload } from "../../../src/federated/secure-sum/upload.js";
import { parseCbor } from "../../../src/shared/cbor.js";
import { bytesFrom, filled, known } from "../../fixtures.js";
import { type Parties, parties, uploadOf } from "./parties.js";
import { wholeSum } from "./whole-sum.js";

/** What `colluding` members and the pool make of an upload together: its words less all masks that any of them knows. */
async function unmaskedBy(colluding: readonly number[], upload: Upload, of: Parties): Promise<Int32Array> {
  const said = parseCbor(upload.statement.body);
  if (!maskedUpload.check(said)) throw new TypeError("not an upload");
  const seeds = new Map<number, Uint8Array>();
  for (const member of colluding) {
    const opened = known(await openSeeds(said, member, of.terms.shape, known(of.openers[member]), primitives));
    for (const [index, subset] of subsetsKnownTo(member, of.terms.shape).entries())
      seeds.set(subset, known(opened[index]));
  }
  const words = wordsOf(upload.masked).slice();
  for (const [subset, seed] of seeds) {
    const mask = wordsOf(bytesFrom(maskStream(seed, { ...said, subset }, primitives), words.byteLength));
    for (let at = 0; at < words.length; at++) words[at] = known(words[at]) - known(mask[at]);
  }
  return words;
}

const length = 2_000;
const values = Int32Array.from({ length }, (_, index) => index % 5);

describe("what the pool and members know together", () => {
  for (const shape of [smallCommittee, largeCommittee] satisfies CommitteeShape[]) {
    it(`is nothing of an upload with ${shape.threshold} of ${shape.size} members: what is left is as random as a mask`, async () => {
      const of = await parties({ shape, groups: [5], length });
      const upload = await uploadOf(of, 0, values);
      for (const colluding of subsetsOf(shape)) {
        const words = await unmaskedBy(colluding, upload, of);
        // of so many words about none is what it hides by chance, and half of all bits are set
        expect(words.filter((word, index) => word === values[index]).length).toBeLessThan(3);
        const bits = words.reduce((all, word) => all + (word >>> 31), 0) / length;
        expect(Math.abs(bits - 0.5)).toBeLessThan(0.06);
      }
    });

    it(`is all of it with ${shape.threshold + 1} of ${shape.size}: that is the limit`, async () => {
      const of = await parties({ shape, groups: [5], length: 40 });
      const upload = await uploadOf(of, 0, values.subarray(0, 40));
      const colluding = Array.from({ length: shape.threshold + 1 }, (_, index) => index * 2);
      expect([...(await unmaskedBy(colluding, upload, of))]).toEqual([...values.subarray(0, 40)]);
    });
  }
});

describe("a participant that masks by other seeds than it hands out", () => {
  it("spoils the sum, and that shows", async () => {
    const of = await parties({ groups: [6], length: 40 });
    const step = { parts: [{ name: "update", values: new Float64Array(40), quantum: 1, limit: 100 }] };
    const sources = {
      random: keystream(filled(1), primitives),
      addNoise: () => undefined,
      arithmetic: primitives.arithmetic,
    };
    const honest = encode(step, sources);
    const uploads = new Map<number, Upload>();
    for (const place of of.terms.participants.keys()) uploads.set(place, await uploadOf(of, place, honest));
    const { words } = await wholeSum(of, uploads);
    expect(spoiledPart(step, known(words), 6)).toBeUndefined();
    const next = await parties({ groups: [6], length: 40, before: of, round: 2 });
    const again = new Map<number, Upload>();
    for (const place of next.terms.participants.keys()) again.set(place, await uploadOf(next, place, honest));
    const bent = await uploadOf(next, 3, keystreamWords(40));
    again.set(3, bent);
    expect(spoiledPart(step, known((await wholeSum(next, again)).words), 6)).toBe("update");
  });
});

/** What an upload holds for who knows only the seeds that were handed out: other masks are noise. */
function keystreamWords(count: number): Int32Array {
  return wordsOf(bytesFrom(keystream(filled(9), primitives), count * 4));
}
