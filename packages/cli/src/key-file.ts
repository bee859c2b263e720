import { AegisError } from "@aegis-pool/core";
import { readIfPresent, signerFromPem, type StoredSigner } from "@aegis-pool/platform";

/**
 * The private key in a file that must be there.
 * @param flag by which another file is named
 * @throws {AegisError} `key-unreadable`
 */
export async function readKeyFile(path: string, flag = "--operator-key"): Promise<StoredSigner> {
  const signer = signerFromPem((await readIfPresent(path)) ?? "");
  if (signer) return signer;
  throw new AegisError({
    code: "key-unreadable",
    message: `${path} holds no private key.`,
    next: `Name the key file with ${flag}.`,
  });
}
