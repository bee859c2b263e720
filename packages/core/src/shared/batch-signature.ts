import type { Primitives, Signer } from "../privacy/primitives.js";
import { ascii, bigEndian, concatBytes } from "./bytes.js";
import { leafHash, rootByInclusion, treeWithProofs } from "./merkle.js";

/**
 * Signatures of statements. A statement is signed alone, by 64 bytes; or in a batch, by one signature of the root of a
 * Merkle tree (RFC 9162) over the bodies and each body's path to it:
 *
 *     Ed25519 signature, 64 bytes | index, 4 bytes big-endian | statements, 4 bytes big-endian | path, 32 bytes each
 *
 * Verifying an Ed25519 signature takes as long as a hundred hashes; a batch takes one for all its statements. Whoever
 * sees one statement learns how many were signed with it, and nothing of the others.
 */
const signatureBytes = 64;
const hashBytes = 32;
const pathStart = signatureBytes + 8;

/** Most statements in one batch, and the longest signature that this allows. */
export const batchLimits = { statements: 2 ** 16, signatureBytes: pathStart + 16 * hashBytes } as const;

/** The bytes that a signature of one statement covers: the label, a zero byte, the body. */
export function signedBytes(label: string, body: Uint8Array): Uint8Array {
  return concatBytes(ascii(`aegis-pool/v1/${label}`), Uint8Array.of(0), body);
}

/** The bytes that the signature of a batch covers. No kind's label holds a slash. */
function batchBytes(label: string, root: Uint8Array, size: number): Uint8Array {
  return signedBytes(`${label}/batch`, concatBytes(bigEndian(size, 4), root));
}

/** A signature for each of `bodies`, which are of the kind with this label. At most {@link batchLimits} of them. */
export function signBodies(
  label: string,
  bodies: readonly Uint8Array[],
  signer: Signer,
  primitives: Primitives,
): Uint8Array[] {
  if (bodies.length > batchLimits.statements) throw new RangeError(`a batch of ${bodies.length} is too large to sign`);
  if (bodies.length < 2) return bodies.map((body) => signer.sign(signedBytes(label, body)));
  const leaves = bodies.map((body) => leafHash(body, primitives));
  const { root, proofs } = treeWithProofs(leaves, primitives);
  const size = bigEndian(bodies.length, 4);
  const signature = signer.sign(batchBytes(label, root, bodies.length));
  return proofs.map((path, index) => concatBytes(signature, bigEndian(index, 4), size, ...path));
}

/** Whether `publicKey` signed this body as of the kind with this label, alone or in a batch. */
export function verifyBody(
  label: string,
  { body, signature }: { readonly body: Uint8Array; readonly signature: Uint8Array },
  publicKey: Uint8Array,
  primitives: Primitives,
): boolean {
  if (signature.length === signatureBytes) {
    return primitives.verifyEd25519(publicKey, signedBytes(label, body), signature);
  }
  const claim = readPath(signature);
  const root = claim && rootByInclusion({ ...claim, leaf: leafHash(body, primitives) }, primitives);
  if (!root) return false;
  return primitives.verifyEd25519(
    publicKey,
    batchBytes(label, root, claim.size),
    signature.subarray(0, signatureBytes),
  );
}

/** How many statements were signed together with the one that has this signature, and which of them it is, from 0. */
export function batchPlace(signature: Uint8Array): { readonly index: number; readonly size: number } {
  const { index, size } = readPath(signature) ?? { index: 0, size: 1 };
  return { index, size };
}

function readPath(signature: Uint8Array) {
  const { length } = signature;
  if (length < pathStart || length > batchLimits.signatureBytes || (length - pathStart) % hashBytes !== 0)
    return undefined;
  const numbers = new DataView(signature.buffer, signature.byteOffset + signatureBytes, 8);
  const proof: Uint8Array[] = [];
  for (let at = pathStart; at < length; at += hashBytes) proof.push(signature.subarray(at, at + hashBytes));
  return { index: numbers.getUint32(0), size: numbers.getUint32(4), proof };
}
