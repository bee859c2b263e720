import { AegisError } from "@aegis-pool/core";
import { diskFull, inUse } from "../directory-errors.js";

/** What PostgreSQL's last lines of log mean for the operator. The log's language is always English. */
export function serverFailure(dataDirectory: string, output: string): AegisError {
  if (/No space left on device|Disk quota exceeded/.test(output)) return diskFull(dataDirectory, output);
  if (/lock file ".*" already exists|is still in use|is another server/.test(output)) {
    return inUse(dataDirectory, `a database process that the pool cannot see or stop (${lastLines(output)})`);
  }
  return new AegisError({
    code: "database-failed",
    message: `The database in ${dataDirectory} did not start: ${lastLines(output)}`,
    next: "Correct what its log says and start the pool again; see docs/errors/database-failed.md.",
  });
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-5).join(" | ") || "it said nothing";
}
