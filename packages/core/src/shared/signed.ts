import type { Primitives, Signer } from "../privacy/primitives.js";
import { ascii, concatBytes, equalBytes } from "./bytes.js";
import { parseCbor, toCbor } from "./cbor.js";

/** Bytes of a statement and a signature over exactly these bytes: what was signed is never re-encoded. */
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

/** The bytes that a signature of a statement covers: the label, a zero byte, the body. */
export function signedBytes(label: string, body: Uint8Array): Uint8Array {
  return concatBytes(ascii(`aegis-pool/v1/${label}`), Uint8Array.of(0), body);
}

/** `statement`, signed. */
export function signStatement<T>(kind: StatementKind<T>, statement: T, signer: Signer): Signed {
  const body = toCbor(statement);
  return { body, signature: signer.sign(signedBytes(kind.label, body)) };
}

/** The statement in `signed`, or undefined unless `publicKey` signed it as this kind and its body has the kind's shape. */
export function openStatement<T>(
  kind: StatementKind<T>,
  signed: Signed,
  publicKey: Uint8Array,
  primitives: Primitives,
): T | undefined {
  if (!primitives.verifyEd25519(publicKey, signedBytes(kind.label, signed.body), signed.signature)) return undefined;
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
  if (!claimed) return undefined;
  const message = signedBytes(kind.label, signed.body);
  return primitives.verifyEd25519(keyIn(claimed), message, signed.signature) ? claimed : undefined;
}

/** The statement in `signed` *unverified*, for finding out whose signature to check; undefined where it is not of this kind. */
export function readStatement<T>(kind: StatementKind<T>, signed: Signed): T | undefined {
  const value = parseCbor(signed.body);
  // one statement has one body: its hash names it
  return kind.check(value) && equalBytes(toCbor(value), signed.body) ? value : undefined;
}
