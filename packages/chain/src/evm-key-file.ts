import { open } from "node:fs/promises";
import { AegisError } from "@aegis-pool/core";
import { hasCode } from "@aegis-pool/platform";
import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";

/** A secp256k1 key, and the account that it is of. It signs; nothing shows it. */
export type EvmKey = PrivateKeyAccount;

/** A key is 66 characters and a new line: what is larger is another file. */
const mostBytes = 128;

/**
 * Reads a private key as Foundry's cast and others print it: 0x and 64 hexadecimal digits. What is in the file is in no message.
 * @throws {AegisError} `key-unreadable` where it is something else, or others may read it
 */
export async function readEvmKey(path: string): Promise<EvmKey> {
  const text = await readPrivate(path);
  const digits = /^(0x[0-9a-fA-F]{64})\s*$/.exec(text)?.[1];
  const key = digits === undefined ? undefined : keyOf(digits);
  if (key) return key;
  throw unreadable(`${path} does not hold 0x and 64 hexadecimal digits, a private key`, "Give the file of another key");
}

/** undefined where the number is none of the curve's. */
function keyOf(digits: string): EvmKey | undefined {
  try {
    return privateKeyToAccount(digits as `0x${string}`);
  } catch {
    return undefined;
  }
}

/** Of the file that is open, so that nobody puts another in its place between the look and the reading. */
async function readPrivate(path: string): Promise<string> {
  const file = await open(path, "r").catch((error: unknown) => {
    throw unreadable(`${path} cannot be read (${codeOf(error)})`, "Check its name and its permissions");
  });
  try {
    const { mode, size } = await file.stat();
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw unreadable(`${path} can be read by others than its owner`, `Take that from them (chmod 600 ${path})`);
    }
    return size <= mostBytes ? await file.readFile("utf8") : "";
  } finally {
    await file.close();
  }
}

const codeOf = (error: unknown): string => ["ENOENT", "EACCES", "EISDIR"].find((code) => hasCode(error, code)) ?? "EIO";

const unreadable = (what: string, next: string) =>
  new AegisError({ code: "key-unreadable", message: `${what}.`, next: `${next}.` });
