import { AegisError } from "@aegis-pool/core";

/** The directory is held by `holder`. */
export function inUse(directory: string, holder: string): AegisError {
  return new AegisError({
    code: "directory-in-use",
    message: `${directory} is in use by ${holder}.`,
    next: "Stop that process, or give this pool another directory.",
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

/** Does `work`; a full disk, or quota, becomes an {@link AegisError} `disk-full`. */
export async function namingFullDisk<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === "ENOSPC" || code === "EDQUOT" ? diskFull(directory, error) : error;
  }
}
