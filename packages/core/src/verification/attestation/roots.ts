import type { SnpProduct } from "./tcb.js";

/** A key whose word about processors of one kind is taken. */
export interface PinnedRoot {
  readonly product: SnpProduct;
  /** SHA-256 of its SubjectPublicKeyInfo in DER, in hexadecimal. */
  readonly publicKey: string;
}

/**
 * AMD's root keys (ARK). The certificates they are from are in `vectors/sev-snp.json`, each as three public sources have it, byte for byte
 * the same: see docs/decisions/030-attested.md.
 */
export const amdRoots: readonly PinnedRoot[] = [
  { product: "Milan", publicKey: "9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9" },
  { product: "Genoa", publicKey: "429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831" },
  { product: "Turin", publicKey: "4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08" },
];
