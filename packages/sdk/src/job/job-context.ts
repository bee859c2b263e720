import { jobKey, sealBytes } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type JobOptions, jobTerms } from "../options.js";
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
  };
}

function sealProgram({ secret }: JobSecret, bytes: Uint8Array): Uint8Array {
  return sealBytes(bytes, { owner: jobKey(secret, "program", primitives), purpose: "program" }, primitives);
}
