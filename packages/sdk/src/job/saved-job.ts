import { AegisError, attestationAsked, Check, fromHex, Requirements, type Static, toHex, Type } from "@aegis-pool/core";
import type { JobTerms } from "../options.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { exportJobSecret } from "./job-secret.js";
import type { JobContext } from "./seal-task.js";

/** What a requester must keep to go on with a job later, such as in another process. It holds secrets. */
export const SavedJob = Type.Object({
  version: Type.Literal(1),
  pool: Type.Object({ url: Type.String(), key: Type.String() }),
  /** The job's secret, see `exportJobSecret`. */
  secret: Type.String(),
  engine: Type.String(),
  requirements: Type.Unknown(),
  maxPrice: Type.String(),
  maxWork: Type.Integer(),
  program: Type.String(),
  shared: Type.Union([Type.String(), Type.Null()]),
  /** Where certificates are asked for: SHA-256 of the program and of the shared input in plaintext. */
  plain: Type.Optional(Type.Object({ program: Type.String(), shared: Type.String() })),
  tasks: Type.Array(
    Type.Object({
      index: Type.Integer(),
      number: Type.Integer(),
      manifestHash: Type.String(),
      /** SHA-256 of its input's tagged bytes, where certificates are asked for. */
      input: Type.Optional(Type.String()),
      /** The number of the task's first run, where this is another one that checks it. */
      of: Type.Optional(Type.Integer()),
    }),
  ),
});
export type SavedJob = Static<typeof SavedJob>;

/** What to keep of a job. */
export function toSaved(client: PoolClient, job: JobContext, tasks: SavedJob["tasks"]): SavedJob {
  const { secret, terms, program, shared, plain } = job;
  return {
    version: 1,
    pool: { url: client.url.href, key: toHex(client.key) },
    secret: exportJobSecret(secret),
    engine: terms.requirements.engine,
    requirements: requirementsToJson(terms.requirements),
    maxPrice: String(terms.maxPrice),
    maxWork: terms.maxWork,
    program: toHex(program),
    shared: shared ? toHex(shared) : null,
    ...(plain && { plain: { program: toHex(plain.program), shared: toHex(plain.shared) } }),
    tasks,
  };
}

/** @throws {AegisError} `key-unreadable` where `text` is not a saved job of this version */
export function parseSavedJob(text: string): SavedJob {
  try {
    const value: unknown = JSON.parse(text);
    if (Check(SavedJob, value)) return value;
  } catch {
    // not JSON: the same answer as for any other text
  }
  throw new AegisError({
    code: "key-unreadable",
    message: "The file holds no job of this version.",
    next: "Name a job that `aegis job list` shows, or restore its file from your backup.",
  });
}

/** Requirements as JSON: keys of operators and measurements in hexadecimal. */
function requirementsToJson({ operators, excludedOperators, ...plain }: Requirements): unknown {
  const asked = attestationAsked(plain);
  return {
    ...plain,
    ...(asked && { verification: { ...asked, measurements: asked.measurements.map(toHex) } }),
    operators: operators?.map(toHex),
    excludedOperators: excludedOperators?.map(toHex),
  };
}

/** What {@link requirementsToJson} has made of a policy. */
function verificationFromJson(verification: unknown): unknown {
  const { measurements, ...plain } = Object(verification) as Record<string, unknown>;
  return Array.isArray(measurements) ? { ...plain, measurements: measurements.map(bytesOf) } : verification;
}

/** The terms in a saved job. @throws {AegisError} `key-unreadable` */
export function savedTerms({ requirements, maxPrice, maxWork }: SavedJob): JobTerms {
  const { operators, excludedOperators, verification, ...plain } = requirements as Record<string, unknown>;
  const restored = {
    ...plain,
    ...(verification !== undefined && { verification: verificationFromJson(verification) }),
    ...(Array.isArray(operators) && { operators: operators.map(bytesOf) }),
    ...(Array.isArray(excludedOperators) && { excludedOperators: excludedOperators.map(bytesOf) }),
  };
  if (!Check(Requirements, restored)) return parseSavedJob("") as never;
  return {
    requirements: restored,
    maxPrice: BigInt(maxPrice),
    maxWork,
    budget: undefined,
    deadlineMs: undefined,
    gang: 1,
  };
}

function bytesOf(text: unknown): Uint8Array | undefined {
  return fromHex(String(text));
}
