import { AegisError } from "@aegis-pool/core";
import { createAtomically, readIfPresent } from "./files.js";
import { type StoredSigner, signerFromPem } from "./signers.js";

/**
 * The key in a PEM file that only its owner may read; made by `create` where there is none yet.
 * @throws {AegisError} `key-unreadable` where the file holds something else: a key is never replaced silently
 */
export async function openKeyFile(path: string, create: () => StoredSigner): Promise<StoredSigner> {
  const pem = await readIfPresent(path);
  if (pem === undefined) {
    const signer = create();
    if (await createAtomically(path, signer.exportPem())) return signer;
    return openKeyFile(path, create); // another process was first: its key is the key
  }
  const signer = signerFromPem(pem);
  if (signer) return signer;
  throw new AegisError({
    code: "key-unreadable",
    message: `${path} does not hold a private key in PEM form.`,
    next: "Restore the file from your backup, or move it away to have a new key made.",
  });
}
