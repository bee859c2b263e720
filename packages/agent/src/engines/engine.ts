import type { SandboxUse } from "../sandbox/use.js";
import type { EngineName, GpuLent } from "../sandbox/realm/messages.js";

export type { EngineName } from "../sandbox/realm/messages.js";

/** Bounds of every run of one runtime, kept from outside the process. */
export interface EngineLimits {
  /** Wall time of one run, and of loading the program, in milliseconds. */
  readonly timeMs: number;
  /** What the program may use above the engine's own baseline: heap, typed arrays and WASM memory together. */
  readonly memoryBytes: number;
  /** Longest output, as a tagged value. */
  readonly outputBytes: number;
  /** Longest log of one run; what is over it is dropped. */
  readonly logBytes: number;
  /** The same input is to give the same output on every machine (`js`, `wasm`): the runtime then serves one run. */
  readonly deterministic?: boolean | undefined;
  /** What a deterministic `wasm` run may use, counted in its instructions (decision 028); absent: it is counted all the same. */
  readonly fuel?: number | undefined;
  /** Its part of the graphics card; all that is lent where it is absent. */
  readonly card?: GpuLent | undefined;
}

/** What a job runs. */
export interface Program {
  readonly engine: EngineName;
  /** `js` and `webgpu`: one ES module. `wasm`: a WASI preview 1 command. `onnx`: a model. */
  readonly bytes: Uint8Array;
  /** A tagged value that every run of the job can read. */
  readonly shared?: Uint8Array;
}

/** Why a run gave no output. */
export type FailureReason =
  | "threw"
  | "time-limit"
  | "memory-limit"
  | "output-limit"
  | "program-invalid"
  | "input-invalid"
  | "fuel-limit"
  | "sandbox-broken";

/** How a run ended. */
export type RunOutcome = RunEnd &
  (
    | { readonly ok: true; readonly output: Uint8Array }
    | { readonly ok: false; readonly reason: FailureReason; readonly message: string }
  );

interface RunEnd {
  readonly log: string;
  /** From handing the input over until the answer. */
  readonly wallMs: number;
  /** What a metered run used; absent also where it ended by what the machine has, not the program: by memory or time. */
  readonly fuel?: number;
}

/** One process with one job's program in it. */
export interface Runtime {
  /** False once the process was killed or broke: open another. */
  readonly usable: boolean;
  /** Deno's own pid, for duty cycling. */
  readonly pid: number;
  /**
   * Runs the program on one tagged value; never rejects for what the program does.
   * @throws {AegisError} `bad-argument` while another run of this runtime has not ended
   */
  run(input: Uint8Array): Promise<RunOutcome>;
  /** Kills the process. It is never used for another job. */
  close(): Promise<void>;
}

/** An engine that works on this machine, with the walls around it. */
export interface OfferedEngine {
  readonly engine: EngineName;
  readonly walls: readonly string[];
  /** The graphics card that it computes on; other engines have none. */
  readonly device?: string;
}

/** An engine that does not, and what to do about it. */
export interface MissingEngine {
  readonly engine: EngineName;
  readonly why: string;
  readonly howToGet: string;
}

/** The engines of this machine. */
export interface Engines {
  readonly offered: readonly OfferedEngine[];
  readonly missing: readonly MissingEngine[];
  /** What holds sandboxes to their share, such as "cgroups v1". */
  readonly heldBy: string;
  /**
   * A fresh process with `program` in it. An invalid program shows at the first run.
   * @throws {AegisError} `engine-missing` or `sandbox-failed`
   */
  open(program: Program, limits: EngineLimits): Promise<Runtime>;
  /**
   * Stops every open runtime at once, and those that are opened from now on; their clocks stand still. False where
   * this system cannot stop a process.
   */
  pause(): boolean;
  /** Lets all of them go on. */
  resume(): void;
  /** What the sandboxes use. */
  use(): SandboxUse;
  /** Kills every process, also those of open runtimes. */
  close(): Promise<void>;
}
