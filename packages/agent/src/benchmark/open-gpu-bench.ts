import { release } from "node:os";
import { join } from "node:path";
import {
  Check,
  Exactly,
  fillKernel,
  type Precision,
  productKernel,
  residuesKernel,
  type Static,
  tileName,
  type TileShape,
  tileShapes,
  toHex,
  Type,
  Whole,
} from "@aegis-pool/core";
import { primitives, readIfPresent, writeAtomically } from "@aegis-pool/platform";
import { type Engines, engineVersions } from "../engines/index.js";
import type { GpuDevice } from "../sandbox/realm/programs/gpu/requests.js";
import { GpuBench, type GpuBenchOptions } from "./gpu-bench.js";
import { type GpuTuning, searchTuning } from "./gpu-tuning.js";

/** What suits each card, as the file holds it; tiles by their names. */
const TuningFile = Type.Record(
  Type.String(),
  Exactly({ size: Whole(256, 16_384), fp32: Type.String(), fp16: Type.String() }),
);
type TuningFile = Static<typeof TuningFile>;

const fileName = "gpu-tuning.json";
/** Cards and drivers that are remembered; the oldest goes first. */
const mostRemembered = 16;

/** Where what suits a card is remembered, and what is tried where nothing is. */
export interface OpenGpuOptions extends GpuBenchOptions {
  /** The agent's folder. */
  readonly folder: string;
  /** All by default. */
  readonly shapes?: readonly TileShape[];
}

/**
 * Opens the graphics card with what suits it: from the folder, or by a search of a few seconds, which is then remembered.
 * @throws {AegisError} `engine-missing`, `sandbox-failed`, `gpu-failed` or `disk-full`
 */
export async function openGpuBench(engines: Engines, options: OpenGpuOptions): Promise<GpuBench> {
  const bench = await GpuBench.open(engines, options);
  try {
    const [path, key] = [join(options.folder, fileName), keyOf(bench.device)];
    const file = parse(await readIfPresent(path));
    const known = tuningIn(file, key, bench);
    if (known) bench.useTuning(known);
    else await remember(path, file, key, await searchTuning(bench, options.shapes));
    return bench;
  } catch (error) {
    await bench.close();
    throw error;
  }
}

/** A card, its driver as far as it can be told, the runtime between, and the kernels: what suits one may not suit another. */
function keyOf({ vendor, architecture, device, description }: GpuDevice): string {
  const sources = (["fp32", "fp16"] as const).flatMap((precision) => [
    ...[fillKernel(precision), residuesKernel(precision)],
    ...tileShapes.map((shape) => productKernel(shape, precision)),
  ]);
  const kernels = primitives.sha256(new TextEncoder().encode(sources.map(({ source }) => source).join("\n")));
  const card = [vendor, architecture, device, description].join("/");
  return [card, release(), engineVersions.webgpu, toHex(kernels).slice(0, 16)].join(" ");
}

/** A file that cannot be read is as good as none: it is found out anew. */
function parse(text: string | undefined): TuningFile {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return Check(TuningFile, value) ? value : {};
  } catch {
    return {};
  }
}

function tuningIn(file: TuningFile, key: string, bench: GpuBench): GpuTuning | undefined {
  const entry = Object.hasOwn(file, key) ? file[key] : undefined;
  if (!entry || entry.size > bench.largestSize) return undefined;
  const tile = (precision: Precision) =>
    bench.tilesFor(precision).find((shape) => tileName(shape) === entry[precision]);
  const [fp32, fp16] = [tile("fp32"), tile("fp16")];
  return fp32 && fp16 && { size: entry.size, tiles: { fp32, fp16 } };
}

async function remember(path: string, file: TuningFile, key: string, { size, tiles }: GpuTuning): Promise<void> {
  const others = Object.entries(file).filter(([known]) => known !== key);
  const entry = { size, fp32: tileName(tiles.fp32), fp16: tileName(tiles.fp16) };
  const kept = [...others, [key, entry] as const].slice(-mostRemembered);
  await writeAtomically(path, `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
}
