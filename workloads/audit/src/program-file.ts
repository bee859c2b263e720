import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { AegisError } from "@aegis-pool/core";

/** Where the bundled program lies; `npm run bundle` in this workspace writes it. */
export function auditProgramPath(): string {
  return fileURLToPath(new URL("../dist/program.js", import.meta.url));
}

/**
 * The program's text, an ES module for the pool's `js` engine.
 * @throws {AegisError} `not-found` where it was not built yet
 */
export async function loadAuditProgram(): Promise<Uint8Array> {
  return readFile(auditProgramPath()).catch((cause: unknown) => {
    const next = "Run `npm run build` first.";
    throw new AegisError({ code: "not-found", message: "the audit program dist/program.js is not there", next, cause });
  });
}
