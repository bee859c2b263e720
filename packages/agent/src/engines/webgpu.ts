import { readFile } from "node:fs/promises";
import { AegisError, encodeValue, decodeValue, isSoftwareAdapter } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { startProcess } from "../sandbox/process.js";
import { gpuProgramFile } from "../sandbox/realm-files.js";
import type { GpuDevice } from "../sandbox/realm/programs/gpu/requests.js";
import { chooseWalls, type ChosenWalls } from "../sandbox/walls/choose.js";
import { hasGpuDevice } from "../sandbox/walls/gpu.js";
import type { EngineLimits, MissingEngine } from "./engine.js";
import { openRuntime } from "./open.js";

/** The graphics card as the sandbox sees it, and the walls around processes that use it; or why there is none. */
export type FoundGpu =
  | { readonly ok: true; readonly device: GpuDevice; readonly walls: ChosenWalls }
  | { readonly ok: false; readonly missing: Omit<MissingEngine, "engine"> };

const limits: EngineLimits = { timeMs: 60_000, memoryBytes: 1 << 28, outputBytes: 1 << 20, logBytes: 1_024 };
const howToGet = "install the graphics card's own driver with Vulkan; in a container, pass its device in";

/**
 * Looks for a graphics card by asking for one inside the sandbox: what a task would not find there is not offered.
 * @param allowSoftware also takes an adapter that computes on the processor, for tests
 */
export async function findGpu(deno: string, bubblewrap: "auto" | "off", allowSoftware: boolean): Promise<FoundGpu> {
  if (process.platform === "linux" && !allowSoftware && !hasGpuDevice()) {
    return absent("there is no graphics card: neither /dev/dri/renderD* nor /dev/nvidia* nor /dev/dxg");
  }
  try {
    const walls = await chooseWalls(deno, bubblewrap, { purpose: "gpu" });
    const device = await describeDevice(walls);
    if (allowSoftware || !isSoftwareAdapter(device)) return { ok: true, device, walls };
    return absent(`the only graphics adapter is ${nameOf(device)}, which computes on the processor`);
  } catch (error) {
    return absent(error instanceof Error ? error.message : String(error));
  }
}

function absent(why: string): FoundGpu {
  return { ok: false, missing: { why, howToGet } };
}

/** A device's name as its owner knows it. */
export function nameOf({ description, vendor, architecture, device }: GpuDevice): string {
  return description || [vendor, architecture, device].filter((part) => part !== "").join(" ") || "a nameless adapter";
}

async function describeDevice({ command, limitData }: ChosenWalls): Promise<GpuDevice> {
  const program = { engine: "webgpu", bytes: await readFile(gpuProgramFile) } as const;
  const process = await startProcess(command);
  const runtime = await openRuntime({ process, program, limits, assets: [], limitData }).catch((error: unknown) => {
    process.kill();
    throw error;
  });
  try {
    const outcome = await runtime.run(encodeValue({ kind: "device" }, primitives.text));
    if (outcome.ok) return decodeValue(outcome.output, primitives.text) as unknown as GpuDevice;
    throw new AegisError({ code: "sandbox-failed", message: `no device: ${outcome.message}`, next: howToGet });
  } finally {
    await runtime.close();
  }
}
