import { readFile } from "node:fs/promises";
import {
  AegisError,
  challengeFlops,
  challengeKeys,
  cpuKernel,
  decodeValue,
  encodeValue,
  type JsonValue,
  RowCommitment,
  type SpeedChallenge,
  type TaskValue,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Engines, Runtime } from "../engines/index.js";
import { type MeasuredProduct, type Measured, rowsOf, type TrafficKind } from "./measured.js";
import { cpuProgramFile } from "../sandbox/realm-files.js";
import type { ProductRequest, TrafficRequest } from "../sandbox/realm/programs/cpu-speed.js";

const mebibyte = 1024 ** 2;
/** Each of the three arrays: together three times the cache of a large processor, where the share has room for it. */
const mostArrayBytes = 32 * mebibyte;
/** Longer than any challenge may take; the pool's own bound is shorter. */
const timeMs = 10 * 60_000;

/**
 * The cores that are lent, each with the reference kernels in a sandbox process of its own, under the same walls and
 * the same share as anybody's task: what they measure is what a task gets.
 */
export class CoreBench {
  readonly #runtimes: readonly Runtime[];
  readonly #arrayBytes: number;

  private constructor(runtimes: readonly Runtime[], arrayBytes: number) {
    this.#runtimes = runtimes;
    this.#arrayBytes = arrayBytes;
  }

  /** @throws {AegisError} `engine-missing` or `sandbox-failed` */
  static async open(engines: Engines, slots: number, memoryBytes: number): Promise<CoreBench> {
    const shared = encodeValue(cpuKernel, primitives.text);
    const program = { engine: "js", bytes: await readFile(cpuProgramFile), shared } as const;
    const limits = { timeMs, memoryBytes, outputBytes: memoryBytes, logBytes: 1_024 };
    const opened = await Promise.all(Array.from({ length: slots }, () => engines.open(program, limits)));
    const room = Math.floor(memoryBytes / 4 / mebibyte) * mebibyte; // the fourth part is the program's own
    return new CoreBench(opened, Math.min(mostArrayBytes, room));
  }

  get cores(): number {
    return this.#runtimes.length;
  }

  /** Computes a challenge, one block on each core, and commits to its rows. */
  async product(challenge: SpeedChallenge): Promise<MeasuredProduct> {
    const keys = challengeKeys(challenge, primitives);
    const { size, steps } = challenge;
    const begin = performance.now();
    const blocks = await this.#onEach((block) => ({ kind: "product", size, block, steps, keys }), challenge.blocks);
    const rows = blocks.flatMap((residues) => rowsOf(residues as Uint8Array, size));
    const commitment = new RowCommitment(rows, primitives);
    return { amount: challengeFlops(challenge), ms: performance.now() - begin, commitment };
  }

  /** Walks through memory on all cores at the same time. */
  async traffic(kind: TrafficKind, rounds: number): Promise<Measured> {
    const begin = performance.now();
    const bytes = await this.#onEach(() => ({ kind, bytes: this.#arrayBytes, rounds }), this.cores);
    const amount = (bytes as number[]).reduce((sum, each) => sum + each, 0);
    return { amount, ms: performance.now() - begin };
  }

  async close(): Promise<void> {
    await Promise.all(this.#runtimes.map((runtime) => runtime.close()));
  }

  #onEach(request: (block: number) => ProductRequest | TrafficRequest, count: number): Promise<TaskValue[]> {
    const used = this.#runtimes.slice(0, count);
    return Promise.all(used.map((runtime, block) => runOn(runtime, request(block))));
  }
}

async function runOn(runtime: Runtime, request: ProductRequest | TrafficRequest): Promise<TaskValue> {
  const outcome = await runtime.run(encodeValue(request as unknown as JsonValue, primitives.text));
  if (outcome.ok) return decodeValue(outcome.output, primitives.text);
  throw new AegisError({
    code: "sandbox-failed",
    message: `A core could not be measured: ${outcome.reason} (${outcome.message}).`,
    next: "Run `aegis doctor`; lend more memory where it says memory-limit.",
  });
}
