import { AegisError } from "@aegis-pool/core";
import { type DataLimiter, watchMemory } from "../sandbox/memory.js";
import type { SandboxProcess } from "../sandbox/process.js";
import { type GpuLent, loadId, prepareId, toSandbox } from "../sandbox/realm/messages.js";
import { joinParts } from "../sandbox/realm/parts.js";
import type { Hold } from "../share/index.js";
import type { EngineLimits, Program } from "./engine.js";
import { SandboxRuntime } from "./runtime.js";

/** Our own preparation (13 MB of onnxruntime to compile, at worst) on a busy machine. */
const prepareTimeoutMs = 60_000;

/**
 * Makes a warm process one job's runtime. The engine is prepared first and what it then uses is the baseline; the
 * bounds stand before the first foreign byte arrives.
 * @throws {AegisError} `sandbox-failed`
 */
export async function openRuntime(options: {
  process: SandboxProcess;
  program: Program;
  limits: EngineLimits;
  assets: readonly Uint8Array[];
  limitData: DataLimiter | undefined;
  hold?: Hold;
  /** All of the graphics card where it is absent. */
  gpuLent?: GpuLent | undefined;
}): Promise<SandboxRuntime> {
  const { process, program, limits, assets, limitData, hold, gpuLent } = options;
  const runtime = new SandboxRuntime(process, limits, () => hold?.ranOutOfMemory === true);
  await prepare(
    runtime,
    joinParts([
      encodeHeader({ engine: program.engine, gpu: gpuLent, deterministic: limits.deterministic === true }),
      ...assets,
    ]),
    program,
  );
  await limitData?.(process, limits.memoryBytes);
  hold?.limitMemory(limits.memoryBytes);
  const unwatch = watchMemory(process, limits.memoryBytes, () =>
    runtime.fail({ reason: "memory-limit", message: `over ${limits.memoryBytes} bytes of memory` }),
  );
  void runtime.gone.then(unwatch);
  const header = encodeHeader({ ...limits, engine: program.engine });
  const foreign = program.shared === undefined ? [program.bytes] : [program.bytes, program.shared];
  runtime.load({ kind: toSandbox.load, id: loadId, parts: joinParts([header, ...foreign]) });
  return runtime;
}

async function prepare(runtime: SandboxRuntime, parts: readonly Uint8Array[], program: Program): Promise<void> {
  const request = { kind: toSandbox.prepare, id: prepareId, parts, timeMs: prepareTimeoutMs };
  const outcome = await runtime.request(request);
  if (outcome.ok) return;
  await runtime.close();
  throw new AegisError({
    code: "sandbox-failed",
    message: `the ${program.engine} engine could not be prepared: ${outcome.message}`,
    next: "run `aegis doctor`, and free some memory",
  });
}

function encodeHeader(header: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(header));
}
