import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { encodeValue, jobKey, noShared, quorumOf, sealBytes, valueTag } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { LocalFile } from "../local-file.js";
import { type JobOptions, type JobTerms, jobTerms } from "../options.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import type { Program } from "../program.js";
import { createJobSecret, importJobSecret, type JobSecret } from "./job-secret.js";
import { type SavedJob, savedTerms } from "./saved-job.js";
import type { JobContext } from "./seal-task.js";
import { uploadShared } from "./shared-input.js";

/** A new job's: its program and shared input are sealed and uploaded, once. */
export async function newContext(client: PoolClient, program: Program, options: JobOptions): Promise<JobContext> {
  const terms = jobTerms(program, options);
  const secret = createJobSecret();
  const { shared } = options;
  return {
    secret,
    pool: client.key,
    terms,
    program: await client.upload(sealProgram(secret, program.bytes)),
    shared: shared === undefined ? undefined : await uploadShared(client, secret, shared),
    ...(isCertified(terms) && { plain: await plainHashes(program, shared) }),
  };
}

/** That of a job which was submitted before. */
export function savedContext(client: PoolClient, saved: SavedJob): JobContext {
  return {
    secret: importJobSecret(saved.secret),
    pool: client.key,
    terms: savedTerms(saved),
    program: Buffer.from(saved.program, "hex"),
    shared: saved.shared === null ? undefined : Buffer.from(saved.shared, "hex"),
    ...(saved.plain && {
      plain: { program: Buffer.from(saved.plain.program, "hex"), shared: Buffer.from(saved.plain.shared, "hex") },
    }),
  };
}

function isCertified({ requirements }: JobTerms): boolean {
  return quorumOf(requirements)?.certificateChain !== undefined;
}

/** What agents sign of what all tasks of a job share. */
async function plainHashes({ bytes }: Program, shared: JobOptions["shared"]) {
  const program = primitives.sha256(bytes);
  if (shared instanceof LocalFile) return { program, shared: await hashOfFile(shared) };
  if (shared === undefined) return { program, shared: noShared };
  return { program, shared: primitives.sha256(encodeValue(shared, primitives.text)) };
}

/** A file is shared as bytes: its tag comes first. */
async function hashOfFile({ path }: LocalFile): Promise<Uint8Array> {
  const hash = createHash("sha256").update(Uint8Array.of(valueTag.bytes));
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest();
}

function sealProgram({ secret }: JobSecret, bytes: Uint8Array): Uint8Array {
  return sealBytes(bytes, { owner: jobKey(secret, "program", primitives), purpose: "program" }, primitives);
}
