import { AegisError } from "@aegis-pool/core";
import { createAtomically, readIfPresent } from "./files.js";
import { type StoredSigner, signerFromPem } from "./signers.js";

/**
 * The key in a PEM file that only its owner may read; made by `create` where there is none yet.
 * @param read the signer in the file's text, where it must be of a certain kind
 * @throws {AegisError} `key-unreadable` where the file holds something else: a key is never replaced silently
 */
export async function openKeyFile(path: string, create: () => StoredSigner): Promise<StoredSigner>;
export async function openKeyFile<S extends StoredSigner>(
  path: string,
  create: () => S,
  read: (pem: string) => S | undefined,
): Promise<S>;
export async function openKeyFile(
  path: string,
  create: () => StoredSigner,
  read: (pem: string) => StoredSigner | undefined = signerFromPem,
): Promise<StoredSigner> {
  const pem = await readIfPresent(path);
  if (pem === undefined) {
    const signer = create();
    if (await createAtomically(path, signer.exportPem())) return signer;
    return openKeyFile(path, create, read); // another process was first: its key is the key
  }
  const signer = read(pem);
  if (signer) return signer;
  throw new AegisError({
    code: "key-unreadable",
    message: `${path} does not hold a private key in PEM form.`,
    next: "Restore the file from your backup, or move it away to have a new key made.",
  });
}
