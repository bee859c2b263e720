import { AegisError } from "@aegis-pool/core";

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

/** The data directory is held by `holder`. */
export function inUse(directory: string, holder: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "directory-in-use",
    message: `${directory} is in use by ${holder}.`,
    next: "Stop that process, or give this pool another directory.",
    cause,
  });
}

/** No more bytes fit on the disk of `directory`. */
export function diskFull(directory: string, cause: unknown): AegisError {
  return new AegisError({
    code: "disk-full",
    message: `The disk that holds ${directory} is full.`,
    next: "Free space on it and try again; nothing that was acknowledged is lost.",
    cause,
  });
}

function lastLines(output: string): string {
  return output.trim().split("\n").slice(-5).join(" | ") || "it said nothing";
}
