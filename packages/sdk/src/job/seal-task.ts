import { randomInt } from "node:crypto";
import {
  batchPlace,
  contentKey,
  encodeValue,
  jobKey,
  keyCommitment,
  protocolLimits,
  readStatement,
  sealBytes,
  type Signed,
  signStatements,
  type TaskKeys,
  type TaskManifest,
  taskManifest,
  type TaskValue,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { JobTerms } from "../options.js";
import type { JobSecret } from "./job-secret.js";

/** What all tasks of a job have in common. */
export interface JobContext {
  /** Where certificates are asked for: what is signed of program and shared input. */
  readonly plain?: { readonly program: Uint8Array; readonly shared: Uint8Array } | undefined;
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
  /** SHA-256 of the input's tagged bytes, for a certificate of its result; undefined where none is asked for. */
  readonly plainHash: Uint8Array | undefined;
  /** Whether the input is small enough to travel with the manifest; else it goes as a blob. */
  readonly inline: boolean;
}

/**
 * Manifests under one signature: 16 make a signature cheap, and an agent that sees one of them learns no more about how
 * many tasks there are than "16 or more".
 */
const manifestsPerSignature = 16;

/**
 * Seals inputs, each under a number drawn at random, so that numbers tell nobody which tasks belong together.
 * @param first the index of the first in the job, which says of which gang each is
 */
export function sealTasks(values: readonly TaskValue[], job: JobContext, first = 0): SealedTask[] {
  const sealed: SealedTask[] = [];
  for (let start = 0; start < values.length; start += manifestsPerSignature) {
    sealed.push(...sealGroup(values.slice(start, start + manifestsPerSignature), job, first + start));
  }
  return sealed;
}

function sealGroup(values: readonly TaskValue[], job: JobContext, first: number): SealedTask[] {
  const inputs = values.map((value, position) => sealInput(value, job, first + position));
  const statements = inputs.map(({ statement }) => statement);
  const manifests = signStatements(taskManifest, statements, job.secret.signer, primitives);
  return inputs.map(({ statement: { number }, input, plainHash }, index) => {
    const manifest = manifests[index];
    if (!manifest) throw new TypeError("there are fewer manifests than inputs");
    const manifestHash = primitives.sha256(manifest.body);
    return { number, manifest, manifestHash, input, plainHash, inline: input.length <= protocolLimits.inlineBytes };
  });
}

/**
 * A task that was submitted before under another number, for another operator to run; its keys are those of the first. It is signed
 * among as many others, in the same place, which nobody ever sees: else its agent would know that it checks somebody.
 */
export function sealReplica(
  first: Signed,
  { secret }: JobContext,
): Pick<SealedTask, "number" | "manifest" | "manifestHash"> {
  const statement = readStatement(taskManifest, first);
  if (!statement) throw new TypeError("the manifest is not one of ours");
  const { index, size } = batchPlace(first.signature); // the place decides how long a signature is
  const likeFirst = Array.from({ length: size }, () => ({ ...statement, number: newNumber() }));
  const manifests = signStatements(taskManifest, likeFirst, secret.signer, primitives);
  const [manifest, number] = [manifests[index], likeFirst[index]?.number];
  if (!manifest || number === undefined) throw new TypeError("there are as many manifests as statements");
  return { number, manifest, manifestHash: primitives.sha256(manifest.body) };
}

function newNumber(): number {
  return randomInt(1, 2 ** 48 - 1);
}

/** The sealed input under a new number, and the manifest that names it. */
function sealInput(value: TaskValue, job: JobContext, index: number) {
  const number = newNumber();
  const keys = taskKeys(job.secret, number, job.shared !== undefined);
  const context = { owner: keys.content, purpose: "input" } as const;
  const plain = encodeValue(value, primitives.text);
  const input = sealBytes(plain, context, primitives);
  const { requirements, maxPrice, maxWork, gang: size } = job.terms;
  const gang = size > 1 && { gang: { number: Math.floor(index / size) + 1, size } };
  const statement: TaskManifest = {
    number,
    job: job.secret.signer.publicKey,
    pool: job.pool,
    requirements: { ...requirements, ...gang },
    program: job.program,
    ...(job.shared && { shared: job.shared }),
    input: primitives.sha256(input),
    keys: keyCommitment(keys, primitives),
    maxPrice: String(maxPrice),
    maxWork,
  };
  return { statement, input, plainHash: job.plain && primitives.sha256(plain) };
}

/** The keys that open one task: what its agent is given, and what opens its result. */
export function taskKeys({ secret }: JobSecret, number: number, withShared: boolean): TaskKeys {
  return {
    content: contentKey(secret, number, primitives),
    program: jobKey(secret, "program", primitives),
    ...(withShared && { shared: jobKey(secret, "shared", primitives) }),
  };
}
