import fc from "fast-check";
import { hashTypedData, recoverAddress } from "viem";
import { createSecp256k1Signer, evmAddress } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/shared/bytes.js";
import type { ResultStatement } from "../../../src/verification/certificate/result-statement.js";
import { signResult } from "../../../src/verification/certificate/signature.js";
import { certificateDigest, domainNames } from "../../../src/verification/certificate/typed-data.js";
import { filled } from "../../fixtures.js";
import { domain, primitives, statement } from "./fixtures.js";

const hex = (bytes: Uint8Array) => `0x${toHex(bytes)}` as const;
const bytes32 = <N extends string>(name: N) => ({ name, type: "bytes32" }) as const;

/** The digest as viem computes it, which knows EIP-712 and nothing of us. */
function byViem({ engine, memoryBytes, ...hashes }: ResultStatement, { pool, chainId }: typeof domain) {
  return hashTypedData({
    domain: { ...domainNames, chainId, salt: hex(pool) },
    types: {
      Result: [
        bytes32("program"),
        bytes32("shared"),
        bytes32("input"),
        { name: "memoryBytes", type: "uint64" } as const,
        bytes32("engine"),
        bytes32("result"),
      ],
    },
    primaryType: "Result",
    message: {
      program: hex(hashes.program),
      shared: hex(hashes.shared),
      input: hex(hashes.input),
      memoryBytes: BigInt(memoryBytes),
      engine: hex(primitives.sha256(primitives.text.encode(engine))),
      result: hex(hashes.result),
    },
  });
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const statements: fc.Arbitrary<ResultStatement> = fc.record({
  program: hash,
  shared: hash,
  input: hash,
  memoryBytes: fc.maxSafeNat(),
  engine: fc.string({ maxLength: 64, unit: "binary" }),
  result: hash,
});

describe("what agents sign", () => {
  it("is hashed as EIP-712 says, by another implementation's word", () => {
    fc.assert(
      fc.property(statements, hash, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (said, pool, chainId) => {
        const ours = certificateDigest(said, { pool, chainId }, primitives);
        expect(hex(ours)).toBe(byViem(said, { pool, chainId }));
      }),
      { numRuns: 200 },
    );
  });

  it("stays what it is: certificates are kept for years", () => {
    expect(toHex(certificateDigest(statement, domain, primitives))).toMatchInlineSnapshot(
      `"6e92d6b8f1b0c16de8b0899c5a8e0f67708b24425549501cec5002747adcc9c7"`,
    );
  });

  it("is signed so that another implementation recovers the agent's address, and alike each time", async () => {
    for (let round = 0; round < 20; round++) {
      const key = createSecp256k1Signer();
      const signature = signResult({ ...statement, program: filled(round) }, domain, key, primitives);
      const digest = byViem({ ...statement, program: filled(round) }, domain);
      const address = await recoverAddress({ hash: digest, signature: hex(signature) });
      expect(address.toLowerCase()).toBe(hex(evmAddress(key.publicKey)));
      expect(signResult({ ...statement, program: filled(round) }, domain, key, primitives)).toEqual(signature);
    }
  });

  it.each([{ pool: filled(1, 31) }, { pool: filled(1, 33) }, { chainId: -1 }, { chainId: 1.5 }, { chainId: 2 ** 53 }])(
    "is nothing for a domain with %o",
    (change) => {
      expect(() => certificateDigest(statement, { ...domain, ...change }, primitives)).toThrow(RangeError);
    },
  );

  it("is nothing where bytes could move from one field into the next", () => {
    const moved = { ...statement, program: filled(0x11, 33), shared: filled(0x22, 31) };
    expect(() => certificateDigest(moved, domain, primitives)).toThrow("32 bytes");
  });
});
