import { fileURLToPath } from "node:url";
import {
  AegisError,
  Check,
  Exactly,
  type Precision,
  type SpeedChallenge,
  type Static,
  type TSchema,
  Type,
  Whole,
} from "@aegis-pool/core";
import type { Measured, TrafficKind } from "../measured.js";
import { PythonFailed, type PythonFailure, PythonProcess } from "./python-process.js";

const Device = Exactly({
  device: Exactly({
    name: Type.String({ maxLength: 200 }),
    backend: Type.Union([Type.Literal("cuda"), Type.Literal("rocm"), Type.Literal("xpu"), Type.Literal("mps")]),
    memoryBytes: Whole(1, 2 ** 48),
    precisions: Type.Array(Type.Union([Type.Literal("fp32"), Type.Literal("fp16")]), { minItems: 1, maxItems: 2 }),
    version: Type.String({ maxLength: 200 }),
  }),
});
const Answer = Exactly({ amount: Whole(1, Number.MAX_SAFE_INTEGER), ms: Type.Number({ exclusiveMinimum: 0 }) });
const Failed = Exactly({ failed: Type.String({ maxLength: 40 }), message: Type.String({ maxLength: 600 }) });

/** A graphics card as its maker's libraries name it. */
export type VendorDevice = Static<typeof Device>["device"];

/** How a card is measured by its maker's libraries. */
export interface VendorOptions {
  /** Which Python has PyTorch; `python3` (on Windows `python`) by default. */
  readonly python?: string;
  /** Part of the time for which the card may be busy; 100 by default. */
  readonly dutyPercent?: number;
  /** For each answer, in ms; a minute by default: to load PyTorch and to open a card takes long. */
  readonly timeMs?: number;
}

const script = fileURLToPath(new URL("../../../python/measure.py", import.meta.url));
/** Beyond the caches of the largest cards. */
const mostArrayBytes = 1024 ** 3;
const [largestSize, smallestSize] = [8_192, 256];

/** A graphics card with its maker's own libraries, which reach its tensor units: the `cuda` class, whatever the brand. */
export class VendorBench {
  readonly device: VendorDevice;
  /** Columns of matrices that keep the card busy: the largest for which there is room. */
  readonly size: number;
  readonly #process: PythonProcess;
  readonly #dutyPercent: number;

  private constructor(process: PythonProcess, device: VendorDevice, dutyPercent: number) {
    this.#process = process;
    this.device = device;
    this.#dutyPercent = dutyPercent;
    const room = 2 ** Math.floor(Math.log2(Math.sqrt(device.memoryBytes / 8 / 12)));
    this.size = Math.min(largestSize, Math.max(smallestSize, room));
  }

  /** @throws {AegisError} `gpu-failed` */
  static async open({
    python = ownPython(),
    dutyPercent = 100,
    timeMs = 60_000,
  }: VendorOptions = {}): Promise<VendorBench> {
    const process = new PythonProcess(script, { python, timeMs });
    try {
      const { device } = await ask(process, Device);
      return new VendorBench(process, device, dutyPercent);
    } catch (error) {
      await process.close();
      throw error;
    }
  }

  get precisions(): readonly Precision[] {
    return this.device.precisions;
  }

  /** Multiplies matrices as large, as often as the challenge says; what is in them is the script's own. @throws {AegisError} `gpu-failed` */
  async product({ size, blocks, steps }: SpeedChallenge, precision: Precision): Promise<Measured> {
    return this.#measure({ product: precision, size, steps: blocks * steps });
  }

  /** Walks through the card's memory. @throws {AegisError} `gpu-failed` */
  async traffic(kind: TrafficKind, rounds: number): Promise<Measured> {
    const bytes = Math.min(mostArrayBytes, Math.floor(this.device.memoryBytes / 16));
    return this.#measure({ traffic: kind, bytes, rounds });
  }

  async close(): Promise<void> {
    await this.#process.close();
  }

  #measure(request: Readonly<Record<string, unknown>>): Promise<Measured> {
    return ask(this.#process, Answer, { ...request, dutyPercent: this.#dutyPercent });
  }
}

function ownPython(): string {
  return process.env["AEGIS_PYTHON"] ?? (process.platform === "win32" ? "python" : "python3");
}

async function ask<Schema extends TSchema>(
  python: PythonProcess,
  schema: Schema,
  request?: Readonly<Record<string, unknown>>,
): Promise<Static<Schema>> {
  const answer = parse(await lineOf(python, request));
  if (Check(schema, answer)) return answer;
  if (Check(Failed, answer)) throw failure(answer.failed, answer.message);
  throw failure("broken", `it said ${JSON.stringify(answer)?.slice(0, 200) ?? "what is no JSON"}`);
}

async function lineOf(python: PythonProcess, request?: Readonly<Record<string, unknown>>): Promise<string> {
  try {
    return await python.ask(request && JSON.stringify(request));
  } catch (error) {
    throw error instanceof PythonFailed ? failure(error.reason, error.message) : error;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const advice: Readonly<Record<string, string>> = {
  "no-python": "Install Python 3 with PyTorch for the card, or name one that has it by AEGIS_PYTHON.",
  "no-pytorch": "Install PyTorch for the card (pip install torch), or name a Python that has it by AEGIS_PYTHON.",
  "no-device": "Install the build of PyTorch that is made for the card, and the card's driver.",
} satisfies Partial<Record<PythonFailure | "no-pytorch" | "no-device", string>>;

function failure(reason: string, words: string): AegisError {
  return new AegisError({
    code: "gpu-failed",
    message: `The graphics card could not be measured by its maker's libraries: ${reason} (${words}).`,
    next: advice[reason] ?? "docs/errors/gpu-failed.md says what each reason means.",
  });
}
