import { AegisError, engineNames } from "@aegis-pool/core";
import { type Compiler, findDeno, hasRealmFiles } from "../sandbox/deno.js";
import type { SandboxProcess } from "../sandbox/process.js";
import { Stock } from "../sandbox/stock.js";
import { chooseWalls, type ChosenWalls } from "../sandbox/walls/choose.js";
import type { GpuLent } from "../sandbox/realm/messages.js";
import { type SandboxUse, UseLedger } from "../sandbox/use.js";
import { Brake, canStop, type Hold, openHolder, type ShareHolder } from "../share/index.js";
import { assetsOf } from "./assets.js";
import type { EngineLimits, EngineName, Engines, MissingEngine, OfferedEngine, Program } from "./engine.js";
import { openRuntime } from "./open.js";
import type { SandboxRuntime } from "./runtime.js";
import { findGpu, type FoundGpu, nameOf } from "./webgpu.js";

/** How the engines of a machine are set up. */
export interface EnginesOptions {
  /** `auto` (default) puts bubblewrap around every process where it works. */
  readonly bubblewrap?: "auto" | "off";
  /** Processes kept warm, each about 45 MB; 1 by default. */
  readonly prewarm?: number;
  /** Holds every job's process to this share of one core (200 is two cores); unheld by default. */
  readonly cpuPercentPerProcess?: number;
  /** `auto` (default) has the kernel's groups hold it where they are granted. */
  readonly cgroups?: "auto" | "off";
  /** What programs may use of the graphics card; all of it by default. */
  readonly gpuLent?: GpuLent;
  /** `baseline` optimises nothing, so that a program can be held against itself; `optimising` by default. */
  readonly compiler?: Compiler;
  /** For tests: `webgpu` is offered also where its adapter computes on the processor, which is no second device. */
  readonly softwareGpu?: boolean;
}

/** Finds out what this machine can run, by starting it. An engine that cannot run is missing, with the reason. */
export async function createEngines(options: EnginesOptions = {}): Promise<Engines> {
  const deno = findDeno();
  if (deno === undefined) return noEngines(`npm has no Deno for ${process.platform} ${process.arch}`, howToGetDeno);
  if (!hasRealmFiles()) return noEngines("the sandbox's own files are not built", "run `npm run build`");
  try {
    const walls = await chooseWalls(deno, options.bubblewrap ?? "auto", { compiler: options.compiler ?? "optimising" });
    const brake = new Brake();
    const { cpuPercentPerProcess: percent, cgroups = "auto" } = options;
    const holder = await openHolder({ percent, cgroups, brake });
    const gpu = await findGpu(deno, options.bubblewrap ?? "auto", options.softwareGpu ?? false);
    return new SandboxedEngines({ walls, gpu, gpuLent: options.gpuLent, prewarm: options.prewarm ?? 1, brake, holder });
  } catch (error) {
    return noEngines(error instanceof Error ? error.message : String(error), "run `aegis doctor`");
  }
}

const howToGetDeno = "run `npm install` without --omit=optional, on Linux (glibc), macOS or Windows";

/** Engines that all processes but those for the graphics card can run. */
const plainEngines: readonly EngineName[] = engineNames.filter((engine) => engine !== "webgpu");

/** Processes of one purpose. */
interface Supply {
  readonly stock: Stock;
  readonly walls: ChosenWalls;
}

interface SandboxParts {
  readonly walls: ChosenWalls;
  readonly gpu: FoundGpu;
  readonly gpuLent: GpuLent | undefined;
  readonly prewarm: number;
  readonly brake: Brake;
  readonly holder: ShareHolder;
}

class SandboxedEngines implements Engines {
  readonly offered: readonly OfferedEngine[];
  readonly missing: readonly MissingEngine[];
  readonly #plain: Supply;
  /** Processes for deterministic programs, each of which takes one of its own. */
  readonly #steady: Supply;
  /** Processes that may use the graphics card: none is kept warm, since a driver takes hundreds of megabytes. */
  readonly #gpu: Supply | Omit<MissingEngine, "engine">;
  readonly #gpuLent: GpuLent | undefined;
  readonly #holder: ShareHolder;
  readonly #brake: Brake;
  readonly #ledger = new UseLedger();
  /** Open runtimes; each value settles when the process has ended and nothing holds it any more. */
  readonly #open = new Map<SandboxRuntime, Promise<void>>();

  constructor({ walls, gpu, gpuLent, prewarm, brake, holder }: SandboxParts) {
    this.#gpuLent = gpuLent;
    this.#holder = holder;
    this.#brake = brake;
    const born = this.#ledger.add;
    this.#plain = { stock: new Stock(walls.command, prewarm, { born }), walls };
    this.#steady = { stock: new Stock(walls.steady, prewarm, { born, warmFrom: "first" }), walls };
    this.#gpu = gpu.ok ? { stock: new Stock(gpu.walls.command, 0, { born }), walls: gpu.walls } : gpu.missing;
    const known = plainEngines.map((engine) => ({ engine, assets: assetsOf(engine) }));
    this.offered = [
      ...known.flatMap(({ engine, assets }) => (assets.ok ? [{ engine, walls: walls.names }] : [])),
      ...(gpu.ok ? [{ engine: "webgpu" as const, walls: gpu.walls.names, device: nameOf(gpu.device) }] : []),
    ];
    this.missing = [
      ...known.flatMap(({ engine, assets }) => (assets.ok ? [] : [{ engine, ...assets.missing }])),
      ...(gpu.ok ? [] : [{ engine: "webgpu" as const, ...gpu.missing }]),
    ];
  }

  async open(program: Program, limits: EngineLimits): Promise<SandboxRuntime> {
    const assets = assetsOf(program.engine);
    if (!assets.ok) throw engineMissing({ engine: program.engine, ...assets.missing });
    const { stock, walls } = this.#supplyOf(program.engine, limits);
    const process = await stock.take();
    const hold = this.#holdOrKill(process, this.#partOf(limits));
    this.#brake.add(process.pid);
    const held = { limits, hold, limitData: walls.limitData, gpuLent: limits.card ?? this.#gpuLent };
    const options = { process, program, ...held, assets: await assets.read() };
    const runtime = await openRuntime(options).catch(async (error: unknown) => {
      process.kill();
      await this.#letGo(process.pid, hold);
      throw error;
    });
    if (this.#brake.isOn) runtime.pause();
    this.#open.set(runtime, this.#releaseAfter(runtime, hold));
    return runtime;
  }

  pause(): boolean {
    this.#brake.pull();
    for (const runtime of this.#open.keys()) runtime.pause();
    return canStop;
  }

  resume(): void {
    for (const runtime of this.#open.keys()) runtime.resume();
    this.#brake.letOff();
  }

  use(): SandboxUse {
    return this.#ledger.read();
  }

  async close(): Promise<void> {
    for (const runtime of this.#open.keys()) void runtime.close();
    const stocks = [this.#plain, this.#steady, this.#gpu].map((supply) =>
      "stock" in supply ? supply.stock.close() : undefined,
    );
    await Promise.all([...stocks, ...this.#open.values()]);
    this.#holder.close();
  }

  get heldBy(): string {
    return this.#holder.name;
  }

  #supplyOf(engine: EngineName, { deterministic }: EngineLimits): Supply {
    const cores = deterministic ? this.#steady : this.#plain;
    const supply = engine === "webgpu" ? this.#gpu : cores;
    if ("stock" in supply) return supply;
    throw engineMissing({ engine, ...supply });
  }

  /** Who has a part of the card has as much of the core that comes with it. */
  #partOf({ card }: EngineLimits): number {
    return card ? card.percent / (this.#gpuLent?.percent ?? 100) : 1;
  }

  #holdOrKill(process: SandboxProcess, part: number): Hold {
    try {
      return this.#holder.hold(process.pid, part);
    } catch (error) {
      process.kill();
      throw error;
    }
  }

  async #releaseAfter(runtime: SandboxRuntime, hold: Hold): Promise<void> {
    await runtime.gone;
    await this.#letGo(runtime.pid, hold);
    this.#open.delete(runtime);
  }

  async #letGo(pid: number, hold: Hold): Promise<void> {
    this.#brake.remove(pid);
    await hold.release();
  }
}

function noEngines(why: string, howToGet: string): Engines {
  const missing = engineNames.map((engine) => ({ engine, why, howToGet }));
  return {
    offered: [],
    missing,
    heldBy: "nothing to hold",
    open: async (program) => {
      throw engineMissing({ engine: program.engine, why, howToGet });
    },
    pause: () => true,
    resume: () => {},
    use: () => ({ processes: 0, cpuMs: 0, residentBytes: 0 }),
    close: async () => {},
  };
}

function engineMissing({ engine, why, howToGet }: MissingEngine): AegisError {
  return new AegisError({ code: "engine-missing", message: `no ${engine} engine here: ${why}`, next: howToGet });
}
