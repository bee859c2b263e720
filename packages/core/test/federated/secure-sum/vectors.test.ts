import { primitives } from "@aegis-pool/platform";
import { expect, it } from "vitest";
import { drawCommitment } from "../../../src/federated/run/draw.js";
import { rosterHash } from "../../../src/federated/run/roster.js";
import { encode } from "../../../src/federated/secure-sum/encoding.js";
import { firstHistory, nextHistory, stateOf } from "../../../src/federated/secure-sum/history.js";
import { keystream, maskStream } from "../../../src/federated/secure-sum/mask-stream.js";
import { boxInfo, seedHash } from "../../../src/federated/secure-sum/seeds.js";
import {
  maskedUpload,
  memberAnswer,
  memberKeys,
  memberSum,
  memberVerdict,
} from "../../../src/federated/secure-sum/statements.js";
import { survivorsHash } from "../../../src/federated/secure-sum/survivors.js";
import { signedBytes } from "../../../src/shared/batch-signature.js";
import { toCbor } from "../../../src/shared/cbor.js";
import { asVector, counting, filled, vectorFile, bytesFrom } from "../../fixtures.js";

const binding = { run: filled(0x11), round: 3, attempt: 2, group: 1 };
const participant = filled(0x22);
const seed = counting(32);
const owner = { ...binding, participant, subset: 5 };
const part = {
  name: "update",
  values: Float64Array.of(0.1, -0.7, 3.25, 12, -12),
  quantum: 0.25,
  limit: 10,
};
const hashes = Array.from({ length: 4 }, (_, index) => filled(0x60 + index));
const survivors = [0, 2, 3, 5, 8].map((place) => ({ place, statement: filled(0x30 + place) }));
const statements = {
  keys: [
    memberKeys,
    {
      run: binding.run,
      round: 3,
      attempt: 2,
      roster: filled(0x12),
      member: 1,
      agent: filled(0x13),
      hpke: filled(0x14),
      signing: filled(0x15),
    },
  ],
  upload: [
    maskedUpload,
    {
      ...binding,
      participant,
      committee: filled(0x16),
      state: filled(0x17),
      length: 5,
      upload: filled(0x18),
      seedHashes: hashes,
      boxes: hashes.map(() => counting(144)),
    },
  ],
  verdict: [memberVerdict, { ...binding, member: 1, survivors: filled(0x19) }],
  abort: [memberVerdict, { ...binding, member: 1 }],
  answer: [
    memberAnswer,
    { ...binding, member: 1, survivors: filled(0x19), masked: filled(0x1a), masks: hashes.slice(1) },
  ],
  sum: [
    memberSum,
    { ...binding, member: 1, survivors: filled(0x19), participants: 5, state: filled(0x17), sum: filled(0x1b) },
  ],
} as const;

it("what is derived and signed for a secure sum is that of vectors/secure-sum.json", async () => {
  const box = { ...binding, participant, committee: filled(0x16), seedHashes: hashes };
  const step = { name: "round 3", parts: [part] };
  const history = firstHistory(filled(0x41), primitives);
  const group = { group: 0, participants: 5, survivors: filled(0x42), sum: filled(0x43) };
  const sources = {
    random: keystream(counting(32), primitives),
    addNoise: () => undefined,
    arithmetic: primitives.arithmetic,
  };
  const roster = {
    run: binding.run,
    floor: 5,
    participants: [1, 2, 3, 4, 5].map((at) => ({
      seat: filled(at),
      participant: filled(0x50 + at),
      commitment: filled(0x58 + at),
    })),
    candidates: [{ agent: filled(0x61), operator: filled(0x62), price: "3000" }],
  };
  const vector = {
    about:
      "Secure sums (docs/decisions/038-secure-sums.md). Byte strings in hexadecimal; words are 32-bit, little-endian. Made by this repository's code.",
    mask: { seed, owner, first40Bytes: bytesFrom(maskStream(seed, owner, primitives), 40) },
    seedHash: seedHash(seed, owner, primitives),
    boxInfo: boxInfo(box, 2, primitives),
    survivors: { survivors, roster: filled(0x12), hash: survivorsHash(survivors, binding, filled(0x12), primitives) },
    encoding: {
      part: { ...part, values: [...part.values] },
      keystream: counting(32),
      integers: [...encode(step, sources)],
    },
    history: {
      first: history,
      afterRound3: nextHistory(history, 3, [group], primitives),
      afterALostRound: nextHistory(history, 3, [], primitives),
      state: stateOf(history, step, primitives),
    },
    drawCommitment: drawCommitment(filled(0x71), participant, primitives),
    roster: { body: toCbor(roster), hash: rosterHash(toCbor(roster), primitives) },
    statements: Object.entries(statements).map(([name, [kind, body]]) => ({
      name,
      label: kind.label,
      body: toCbor(body),
      signedBytes: signedBytes(kind.label, toCbor(body)),
      fits: kind.check(body),
    })),
  };
  await expect(asVector(vector)).toMatchFileSnapshot(vectorFile("secure-sum"));
  expect(vector.statements.every(({ fits }) => fits)).toBe(true);
});
