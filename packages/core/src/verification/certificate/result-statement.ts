import type { Primitives } from "../../privacy/primitives.js";

/**
 * What agents agree on: this program, given this, on this engine, gives this result. Hashes are SHA-256 of plaintext, so that whoever has
 * the plaintext can compute them, a contract too. It names no task, requester or time: these would tell agents' signatures of one
 * question apart, and say nothing about the answer (decision 029).
 */
export interface ResultStatement {
  /** Of the program's bytes. */
  readonly program: Uint8Array;
  /** Of the shared input's tagged bytes; 32 zero bytes where there is none. */
  readonly shared: Uint8Array;
  /** Of the input's tagged bytes (`encodeValue`). */
  readonly input: Uint8Array;
  /** The memory that the program may use: when it ends is all that a deterministic program can see of its limits. */
  readonly memoryBytes: number;
  /** Engine and version, at most 64 characters, as a run states them: "wasm deno-2.9.5". It is signed by its hash. */
  readonly engine: string;
  /** Of the result's tagged bytes. */
  readonly result: Uint8Array;
}

/** What a run was given and gave, as plaintext: values with their tag. */
export interface PlainRun {
  readonly program: Uint8Array;
  readonly shared?: Uint8Array | undefined;
  readonly input: Uint8Array;
  readonly memoryBytes: number;
  readonly engine: string;
  readonly result: Uint8Array;
}

/** In the place of a shared input's hash where there is none. */
export const noShared = new Uint8Array(32);

/** The statement about a run whose bytes are all in memory. */
export function resultStatement(run: PlainRun, { sha256 }: Pick<Primitives, "sha256">): ResultStatement {
  const { program, shared, input, memoryBytes, engine, result } = run;
  return {
    program: sha256(program),
    shared: shared ? sha256(shared) : noShared,
    input: sha256(input),
    memoryBytes,
    engine,
    result: sha256(result),
  };
}
