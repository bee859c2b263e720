import { homedir } from "node:os";
import { join } from "node:path";
import type { Signer } from "@aegis-pool/core";
import { createEd25519Signer, openKeyFile } from "@aegis-pool/platform";

/**
 * The key of the account that pays for this user's jobs: in a file that only they may read, made where there is none.
 * @param path by default `account.key` in `AEGIS_HOME`, or in `.aegis` in the home folder: the one that `aegis account` uses
 * @throws {AegisError} `key-unreadable`
 */
export function openAccountKey(
  path = join(process.env["AEGIS_HOME"] ?? join(homedir(), ".aegis"), "account.key"),
): Promise<Signer> {
  return openKeyFile(path, createEd25519Signer);
}
