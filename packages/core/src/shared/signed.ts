import type { Primitives, Signer } from "../privacy/primitives.js";
import { signBodies, signedBytes, verifyBody } from "./batch-signature.js";
import { ascii, equalBytes } from "./bytes.js";
import { parseCbor, toCbor } from "./cbor.js";

/** Bytes of a statement and a signature of exactly these bytes, alone or in a batch: what was signed is never re-encoded. */
export interface Signed {
  readonly body: Uint8Array;
  readonly signature: Uint8Array;
}

/** One kind of signed statement: its domain-separation label and what its body must look like. */
export interface StatementKind<T> {
  /** Unique among all kinds; changes whenever the body's meaning does. */
  readonly label: string;
  check(value: unknown): value is T;
}

/** `statement`, signed. */
export function signStatement<T>(kind: StatementKind<T>, statement: T, signer: Signer): Signed {
  const body = toCbor(statement);
  return { body, signature: signer.sign(signedBytes(kind.label, body)) };
}

/** Each of `statements`, signed, for the price of one signature. */
export function signStatements<T>(
  kind: StatementKind<T>,
  statements: readonly T[],
  signer: Signer,
  primitives: Primitives,
): Signed[] {
  const bodies = statements.map((statement) => toCbor(statement));
  const signatures = signBodies(kind.label, bodies, signer, primitives);
  return bodies.map((body, index) => ({ body, signature: signatures[index] ?? new Uint8Array(0) }));
}

/** The statement in `signed`, or undefined unless `publicKey` signed it as this kind and its body has the kind's shape. */
export function openStatement<T>(
  kind: StatementKind<T>,
  signed: Signed,
  publicKey: Uint8Array,
  primitives: Primitives,
): T | undefined {
  if (!verifyBody(kind.label, signed, publicKey, primitives)) return undefined;
  return readStatement(kind, signed);
}

/** The statement in `signed`, or undefined unless the key that it names itself signed it; see {@link openStatement}. */
export function openOwnStatement<T>(
  kind: StatementKind<T>,
  signed: Signed,
  keyIn: (statement: T) => Uint8Array,
  primitives: Primitives,
): T | undefined {
  const claimed = readStatement(kind, signed);
  return claimed && verifyBody(kind.label, signed, keyIn(claimed), primitives) ? claimed : undefined;
}

/** The statement in `signed` *unverified*, for finding out whose signature to check; undefined where it is not of this kind. */
export function readStatement<T>(kind: StatementKind<T>, signed: Signed): T | undefined {
  const value = parseCbor(signed.body);
  // one statement has one body: its hash names it
  return kind.check(value) && equalBytes(toCbor(value), signed.body) ? value : undefined;
}

/** "body" and "signature" as the keys of a map of two. */
const [bodyKey, signatureKey] = [
  Uint8Array.of(0xa2, 0x64, ...ascii("body")),
  Uint8Array.of(0x69, ...ascii("signature")),
];

/**
 * What {@link toCbor} has written of a signed statement, for who has written it: a decoder of anything takes five times as long. Views of `bytes`.
 * @throws where it is something else
 */
export function readSigned(bytes: Uint8Array): Signed {
  const body = byteStringAt(bytes, afterKey(bytes, 0, bodyKey));
  const signature = byteStringAt(bytes, afterKey(bytes, body.end, signatureKey));
  if (signature.end !== bytes.length) throw notSigned();
  return { body: bytes.subarray(body.start, body.end), signature: bytes.subarray(signature.start, signature.end) };
}

function afterKey(bytes: Uint8Array, at: number, key: Uint8Array): number {
  if (!key.every((byte, offset) => bytes[at + offset] === byte)) throw notSigned();
  return at + key.length;
}

/** Where the content of the byte string is whose head is at `at` (RFC 8949, section 3: major type 2). */
function byteStringAt(bytes: Uint8Array, at: number): { readonly start: number; readonly end: number } {
  const info = (bytes[at] ?? 0) - 0x40;
  const lengthBytes = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : 0;
  if (info < 0 || info > 26) throw notSigned();
  const start = at + 1 + lengthBytes;
  const length = lengthBytes === 0 ? info : bytes.subarray(at + 1, start).reduce((sum, byte) => sum * 256 + byte, 0);
  if (start + length > bytes.length) throw notSigned();
  return { start, end: start + length };
}

const notSigned = () => new TypeError("these bytes are no signed statement as toCbor writes it");
