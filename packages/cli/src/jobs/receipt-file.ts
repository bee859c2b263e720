import { readFile } from "node:fs/promises";
import { AegisError, AgentCertificate, Check, fromCbor, SignedSchema, toCbor, Type } from "@aegis-pool/core";
import { writeAtomically } from "@aegis-pool/platform";
import type { ReceiptBundle } from "@aegis-pool/sdk";

const Bundle = Type.Object({ certificate: AgentCertificate, run: SignedSchema, receipt: SignedSchema });

/** Writes a receipt as one JSON file: the pool it is of, and the signed parts in base64. */
export async function writeReceipt(path: string, bundle: ReceiptBundle, pool: string): Promise<void> {
  const content = { aegisReceipt: 1, pool, bundle: Buffer.from(toCbor(bundle)).toString("base64") };
  await writeAtomically(path, `${JSON.stringify(content)}\n`, 0o644);
}

/** @throws {AegisError} `bad-argument` where the file holds no receipt */
export async function readReceipt(path: string): Promise<{ bundle: ReceiptBundle; pool: string }> {
  try {
    const { pool, bundle } = JSON.parse(await readFile(path, "utf8")) as { pool?: unknown; bundle?: unknown };
    const parts = fromCbor(Buffer.from(String(bundle), "base64"));
    if (typeof pool === "string" && Check(Bundle, parts)) return { bundle: parts, pool };
  } catch (cause) {
    throw notAReceipt(path, cause);
  }
  throw notAReceipt(path);
}

function notAReceipt(path: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${path} holds no receipt.`,
    next: "Name a file that `aegis run --out DIR` wrote into DIR/receipts.",
    cause,
  });
}
