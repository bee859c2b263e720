import { AegisError } from "@aegis-pool/core";
import { createAtomically, type StoredSigner } from "@aegis-pool/platform";
import { unreadable } from "./refusals.js";
import {
  type Invitation,
  type OwnedRun,
  readInvitation,
  readRunText,
  type RunReference,
  runTextBytes,
  type RunTextKind,
  writeRunText,
} from "./run-text.js";
import { readBounded } from "./trainer/bounded-file.js";

/** Writes an invitation to a new file that its owner alone may read. @throws {AegisError} `bad-argument` where there is a file, `disk-full` */
export function saveInvitation(path: string, invitation: Invitation): Promise<void> {
  return save(path, "invitation", invitation, invitation.seat);
}

/** The same for the owner's file. */
export function saveOwnedRun(path: string, owned: OwnedRun): Promise<void> {
  return save(path, "owner's file", owned, owned.key);
}

/** The invitation in a file, whoever sent it. @throws {AegisError} `key-unreadable` */
export async function openInvitation(path: string): Promise<Invitation> {
  return readInvitation(await bytesIn(path, "invitation"), path);
}

/** The run in its owner's file. @throws {AegisError} `key-unreadable` */
export async function openOwnedRun(path: string): Promise<OwnedRun> {
  return readRunText(await bytesIn(path, "owner's file"), path, "owner's file");
}

/** The run that either kind of file is about. @throws {AegisError} `key-unreadable` */
export async function openReference(path: string): Promise<RunReference> {
  const { pool, run, plan } = readRunText(await bytesIn(path, "invitation or owner's file"), path, undefined);
  return { pool, run, plan };
}

async function save(path: string, kind: RunTextKind, known: RunReference, signer: StoredSigner): Promise<void> {
  if (await createAtomically(path, writeRunText(kind, known, signer))) return;
  throw new AegisError({
    code: "bad-argument",
    message: `There is a file ${path} already.`,
    next: "Name another, or move that one away.",
  });
}

async function bytesIn(path: string, what: string): Promise<Uint8Array> {
  const bytes = await readBounded(path, runTextBytes);
  if (typeof bytes === "string") throw unreadable(path, what, bytes);
  return bytes;
}
