import {
  quorumOf,
  resultStatement,
  sealAttestation,
  signResult,
  type TaskKeys,
  type TaskManifest,
} from "@aegis-pool/core";
import { evmPrimitives, primitives } from "@aegis-pool/platform";
import type { Program, RunOutcome } from "../engines/index.js";
import type { AgentKeys } from "../identity/enrolment.js";
import type { OpenRefusal } from "./open-task.js";

/** What a run was given, in plaintext. */
export interface GivenRun {
  readonly program: Program;
  /** Tagged. */
  readonly input: Uint8Array;
}

/** A task that is run now. */
interface RunningTask {
  readonly manifest: TaskManifest | undefined;
  given: GivenRun | undefined;
}

/** A run that its requester may want a certificate of. */
interface AttestableRun {
  readonly task: RunningTask;
  readonly manifest: TaskManifest;
  readonly keys: TaskKeys;
  readonly outcome: RunOutcome;
  /** Engine and version. */
  readonly engine: string;
}

const platform = { ...primitives, ...evmPrimitives };

/** `open`, which keeps what it opens for as long as the task runs, where its result is to be signed for contracts. */
export function keptFor(task: RunningTask, input: Uint8Array, open: () => Promise<Program | OpenRefusal>) {
  const isAttested = task.manifest && chainOf(task.manifest) !== undefined;
  return async () => {
    const program = await open();
    if (isAttested && typeof program !== "string") task.given = { program, input };
    return program;
  };
}

/** This agent's signature of what a run gave, sealed for its requester; undefined where nobody asks for it, or the run failed. */
export function attestationOf(
  { task, manifest, keys, outcome, engine }: AttestableRun,
  by: { readonly keys: AgentKeys; readonly pool: Uint8Array },
): Uint8Array | undefined {
  const [chainId, { given }] = [chainOf(manifest), task];
  task.given = undefined;
  if (chainId === undefined || !given || !outcome.ok) return undefined;
  const { program, input } = given;
  const { memoryBytes } = manifest.requirements;
  const run = { program: program.bytes, shared: program.shared, input, memoryBytes, engine, result: outcome.output };
  const signature = signResult(resultStatement(run, platform), { pool: by.pool, chainId }, by.keys.evm, platform);
  return sealAttestation(signature, by.keys.agent.publicKey, keys.content, platform);
}

function chainOf({ requirements }: TaskManifest): number | undefined {
  return quorumOf(requirements)?.certificateChain;
}
