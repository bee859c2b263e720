import { randomInt } from "node:crypto";
import {
  contentKey,
  encodeValue,
  jobKey,
  keyCommitment,
  protocolLimits,
  sealBytes,
  type Signed,
  signStatement,
  type TaskKeys,
  taskManifest,
  type TaskValue,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { JobTerms } from "../options.js";
import type { JobSecret } from "./job-secret.js";

/** What all tasks of a job have in common. */
export interface JobContext {
  readonly secret: JobSecret;
  readonly pool: Uint8Array;
  readonly terms: JobTerms;
  /** SHA-256 of the sealed program and of the sealed shared input. */
  readonly program: Uint8Array;
  readonly shared: Uint8Array | undefined;
}

/** A task ready to be submitted. */
export interface SealedTask {
  readonly number: number;
  readonly manifest: Signed;
  /** SHA-256 of the manifest's body, to which its key's release is bound. */
  readonly manifestHash: Uint8Array;
  readonly input: Uint8Array;
  /** Whether the input is small enough to travel with the manifest; else it goes as a blob. */
  readonly inline: boolean;
}

/** Seals one input under a number drawn at random, so that numbers tell nobody which tasks belong together. */
export function sealTask(value: TaskValue, job: JobContext): SealedTask {
  const number = randomInt(1, 2 ** 48 - 1);
  const keys = taskKeys(job.secret, number, job.shared !== undefined);
  const context = { owner: keys.content, purpose: "input" } as const;
  const input = sealBytes(encodeValue(value, primitives.text), context, primitives);
  const { requirements, maxPrice, maxWork } = job.terms;
  const statement = {
    number,
    job: job.secret.signer.publicKey,
    pool: job.pool,
    requirements,
    program: job.program,
    ...(job.shared && { shared: job.shared }),
    input: primitives.sha256(input),
    keys: keyCommitment(keys, primitives),
    maxPrice: String(maxPrice),
    maxWork,
  };
  const manifest = signStatement(taskManifest, statement, job.secret.signer);
  const manifestHash = primitives.sha256(manifest.body);
  return { number, manifest, manifestHash, input, inline: input.length <= protocolLimits.inlineBytes };
}

/** The keys that open one task: what its agent is given, and what opens its result. */
export function taskKeys({ secret }: JobSecret, number: number, withShared: boolean): TaskKeys {
  return {
    content: contentKey(secret, number, primitives),
    program: jobKey(secret, "program", primitives),
    ...(withShared && { shared: jobKey(secret, "shared", primitives) }),
  };
}
