/**
 * ECDSA accepts s and n - s alike. Of the two, contracts and this pool take the lower one alone (EIP-2), so that a
 * signature has one form and nobody can alter a certificate that carries it.
 */
const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

/** Whether the s of a 64-byte secp256k1 signature r||s is in the lower half. */
export function isLowS(signature: Uint8Array): boolean {
  return readS(signature) <= order / 2n;
}

/** The signature with the lower one of its two s. */
export function withLowS(signature: Uint8Array): Uint8Array {
  if (isLowS(signature)) return signature;
  const lower = (order - readS(signature)).toString(16).padStart(64, "0");
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(lower, "hex")]);
}

function readS(signature: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);
}
