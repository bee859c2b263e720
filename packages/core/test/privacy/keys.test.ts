import { createHash, hkdfSync } from "node:crypto";
import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/shared/bytes.js";
import {
  blobKey,
  contentKey,
  jobKey,
  keyCommitment,
  revealContent,
  revealedCommitment,
} from "../../src/privacy/keys.js";
import { filled } from "../fixtures.js";

const secret = filled(0x21);
const hkdf = (owner: Uint8Array, salt: Uint8Array, info: Buffer | string): string =>
  Buffer.from(hkdfSync("sha256", owner, salt, info, 32)).toString("hex");

const commitment = (of: Parameters<typeof keyCommitment>[0]): string => toHex(keyCommitment(of, primitives));

describe("the key schedule", () => {
  it("derives each key by HKDF with the documented info", () => {
    const number = Buffer.from("000fedcba9876543", "hex");
    const info = Buffer.concat([Buffer.from("aegis-pool/v1/task"), number]);
    const nothing = new Uint8Array(0);
    expect(toHex(contentKey(secret, 0xfedcba9876543, primitives))).toBe(hkdf(secret, nothing, info));
    expect(toHex(jobKey(secret, "program", primitives))).toBe(hkdf(secret, nothing, "aegis-pool/v1/job-program"));
    expect(toHex(blobKey(secret, filled(5), "log", primitives))).toBe(
      hkdf(secret, filled(5), "aegis-pool/v1/blob-log"),
    );
  });

  it("has no key twice over tasks, purposes, salts and secrets", () => {
    const numbers = [1, 2, 255, 256, 2 ** 32, 2 ** 32 + 1, 2 ** 53 - 1];
    const keys = [
      ...[secret, filled(0x22)].flatMap((root) => [
        ...numbers.map((number) => contentKey(root, number, primitives)),
        jobKey(root, "program", primitives),
        jobKey(root, "shared", primitives),
      ]),
      ...(["program", "shared", "input", "result", "log"] as const).flatMap((purpose) => [
        blobKey(secret, filled(1), purpose, primitives),
        blobKey(secret, filled(2), purpose, primitives),
      ]),
    ].map(toHex);
    expect(new Set(keys).size).toBe(28);
  });
});

const leaf = (name: string, key: Uint8Array) =>
  createHash("sha256").update(`aegis-pool/v1/key-commitment/${name}\0`).update(key).digest();

describe("a key commitment", () => {
  const keys = { content: filled(1), program: filled(2), shared: filled(3) };

  it("is SHA-256 of a label and the keys' hashes, with a byte that says whether a shared key is there", () => {
    const hash = createHash("sha256")
      .update("aegis-pool/v1/key-commitment")
      .update(leaf("content", filled(1)));
    hash
      .update(leaf("program", filled(2)))
      .update(Uint8Array.of(1))
      .update(leaf("shared", filled(3)));
    expect(commitment(keys)).toBe(hash.digest("hex"));
  });

  it("is opened by the content key alone, which shows none of the others", () => {
    for (const of of [keys, { content: filled(1), program: filled(2) }]) {
      const revealed = revealContent(of, primitives);
      expect(toHex(revealedCommitment(revealed, primitives))).toBe(commitment(of));
      expect(toHex(revealedCommitment({ ...revealed, content: filled(9) }, primitives))).not.toBe(commitment(of));
      expect(Object.values(revealed).map(toHex)).not.toContain(toHex(filled(2)));
    }
  });

  it("changes with every key and with their order", () => {
    const all = [
      commitment(keys),
      commitment({ ...keys, content: filled(9) }),
      commitment({ ...keys, program: filled(9) }),
      commitment({ ...keys, shared: filled(9) }),
      commitment({ ...keys, content: keys.program, program: keys.content }),
      commitment({ ...keys, program: keys.shared, shared: keys.program }),
      commitment({ ...keys, content: keys.shared, shared: keys.content }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it("tells no shared key from a shared key of zeros", () => {
    const { content, program } = keys;
    expect(commitment({ content, program })).not.toBe(commitment({ content, program, shared: filled(0) }));
    expect(commitment({ content, program })).toBe(commitment({ content, program, shared: undefined }));
  });
});
