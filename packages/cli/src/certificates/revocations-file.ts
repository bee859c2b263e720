import { AegisError, Check, parseCbor, type Signed, SignedSchema, toCbor, Type } from "@aegis-pool/core";
import { readGiven } from "../jobs/given.js";

/** Revocations as `aegis certificate registry --json` prints them: each signed statement in base64url, beside much else. */
const WrittenRevocations = Type.Object({ pool: Type.String(), revocations: Type.Array(Type.String()) });

export function writtenRevocations(pool: string, revocations: readonly Signed[]) {
  return { pool, revocations: revocations.map((signed) => Buffer.from(toCbor(signed)).toString("base64url")) };
}

/**
 * What is in such a file. Whether each is genuine shows when it is used.
 * @param pool the key, in hexadecimal, of the pool that they must be of
 * @throws {AegisError} `bad-argument` where it holds none, or of another pool: to go on would be to ask nobody
 */
export async function readRevocations(path: string, pool: string): Promise<Signed[]> {
  const value = parseJson((await readGiven(path)).toString("utf8"));
  if (!Check(WrittenRevocations, value)) throw unusable(path, "holds no revocations");
  if (value.pool !== pool) throw unusable(path, `is of another pool than the certificate's, ${pool.slice(0, 16)}…`);
  return value.revocations.map((text) => {
    const signed = parseCbor(Buffer.from(text, "base64url"));
    if (Check(SignedSchema, signed)) return signed;
    throw unusable(path, "holds something else among its revocations");
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function unusable(path: string, why: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${path} ${why}.`,
    next: "Make one with `aegis certificate registry --pool URL --json`.",
  });
}
