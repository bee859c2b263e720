import { AegisError } from "@aegis-pool/core";
import { keccak_256 } from "@noble/hashes/sha3.js";

/**
 * The 20 bytes of an Ethereum address, such as "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed". One in mixed case must have the checksum of ERC-55.
 * @throws {AegisError} `bad-argument`
 */
export function parseEvmAddress(text: string): Uint8Array {
  const [, digits] = /^0x([0-9a-fA-F]{40})$/.exec(text) ?? [];
  if (digits === undefined) throw badAddress(text, "it is not 0x and 40 hexadecimal digits");
  const isMixed = digits !== digits.toLowerCase() && digits !== digits.toUpperCase();
  if (isMixed && formatEvmAddress(digits) !== text)
    throw badAddress(text, "its checksum is wrong: a digit was mistyped");
  if (/^0*$/.test(digits)) throw badAddress(text, "what is paid to the zero address is lost");
  return Buffer.from(digits, "hex");
}

/** An address in the mixed case of ERC-55, which shows most typing errors. @param digits 40, hexadecimal */
export function formatEvmAddress(digits: string): string {
  const lower = digits.toLowerCase();
  const hash = Buffer.from(keccak_256(Buffer.from(lower, "ascii"))).toString("hex");
  const cased = Array.from(lower, (digit, at) =>
    Number.parseInt(hash.charAt(at), 16) >= 8 ? digit.toUpperCase() : digit,
  );
  return `0x${cased.join("")}`;
}

function badAddress(text: string, why: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `"${text.slice(0, 60)}" is no payout address: ${why}.`,
    next: "Copy it from your wallet, whole.",
  });
}
