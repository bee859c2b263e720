import { AegisError } from "@aegis-pool/core";
import { diskFull, inUse } from "../directory-errors.js";

/** What PostgreSQL's last lines of log mean for the operator. The log's language is always English. */
export function serverFailure(dataDirectory: string, output: string): AegisError {
  const words = lastLines(output);
  if (/No space left on device|Disk quota exceeded/.test(output)) return diskFull(dataDirectory, new Error(words));
  if (/lock file ".*" already exists|is still in use/.test(output)) {
    return inUse(dataDirectory, `a database process that the pool cannot see or stop (${words})`);
  }
  if (/could not (access|change permissions of|change to) .*(Permission denied|not permitted)/.test(output)) {
    return unreachable(dataDirectory, words);
  }
  return new AegisError({
    code: "database-failed",
    message: `The database in ${dataDirectory} did not start: ${words}`,
    next: "Correct what its log says and start the pool again; see docs/errors/database-failed.md.",
  });
}

/** The pool, or the account that runs the database, may not use the directory. */
export function unreachable(directory: string, words: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "directory-unreachable",
    message: `${directory} cannot be used: ${words}.`,
    next: "Choose a directory that the pool's account may write, or start the pool under the account that owns it.",
    cause,
  });
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-5).join(" | ") || "it said nothing";
}
