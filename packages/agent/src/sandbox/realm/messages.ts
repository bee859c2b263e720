/**
 * What the host and the main realm say to each other in frames, and the main realm and its Worker in messages.
 * No platform types: the host compiles this file too.
 */

/** Kinds of frames from the host to the process. */
export const toSandbox = { prepare: 1, load: 2, run: 3 } as const;

/** Kinds of frames from the process to the host. */
export const fromSandbox = { ready: 1, done: 2, log: 3, died: 4, residentBytes: 5, fuel: 6 } as const;

/** Length of the body of `fuel`: what the run used, as a 64-bit float. */
export const fuelBytes = 8;

/** First byte of a `done` body. What follows is the output where it is `ok`, else a message in UTF-8. */
export const statuses = {
  ok: 0,
  threw: 1,
  "program-invalid": 2,
  "input-invalid": 3,
  "output-limit": 4,
  "memory-limit": 5,
  "fuel-limit": 6,
} as const;
export type Status = keyof typeof statuses;

/** The status of a byte, or undefined where no status has it. */
export function statusOf(byte: number | undefined): Status | undefined {
  return (Object.keys(statuses) as Status[]).find((name) => statuses[name] === byte);
}

/** Messages about failures are cut to this many bytes. */
export const maxMessageBytes = 4096;
/** Ids of the two steps before the first run. Runs count from {@link firstRunId}. */
export const prepareId = 0;
export const loadId = 1;
export const firstRunId = 2;

export type EngineName = "js" | "wasm" | "onnx" | "webgpu";

/** What of the graphics card is lent. */
export interface GpuLent {
  /** Part of its time, 1 to 100. */
  readonly percent: number;
  /** Bytes of all buffers together. */
  readonly memoryBytes: number;
}

/** Body of `prepare`: which engine, and the files it needs in order. */
export interface Preparation {
  readonly engine: EngineName;
  readonly assets: readonly Uint8Array[];
  /** All of the card where it is absent. */
  readonly gpu?: GpuLent | undefined;
  /** The same input is to give the same output on every machine: the process then serves one run. */
  readonly deterministic: boolean;
}

/** Body of `load`: the foreign program and the bounds that the realm keeps (the host keeps them again). */
export interface Loading {
  readonly program: Uint8Array;
  /** Tagged value, see core/protocol/values. */
  readonly shared: Uint8Array | undefined;
  readonly outputBytes: number;
  readonly logBytes: number;
  /** No more WASM memory than this, per memory. */
  readonly memoryBytes: number;
  /** What a deterministic `wasm` task may use; absent: all that can be counted. */
  readonly fuel?: number | undefined;
}

/** From the main realm to its Worker. */
export type ToWorker =
  | { readonly type: "prepare"; readonly preparation: Preparation }
  | { readonly type: "load"; readonly loading: Loading }
  | { readonly type: "run"; readonly input: Uint8Array };

/** From the Worker to the main realm. Foreign code may have written it: everything is checked again. */
export type FromWorker =
  | { readonly type: "ready" }
  | { readonly type: "log"; readonly text: Uint8Array }
  | { readonly type: "fuel"; readonly used: number }
  | { readonly type: "done"; readonly status: number; readonly body: Uint8Array };
