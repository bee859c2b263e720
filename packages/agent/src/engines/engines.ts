import { AegisError } from "@aegis-pool/core";
import { findDeno, hasRealmFiles } from "../sandbox/deno.js";
import type { SandboxProcess } from "../sandbox/process.js";
import { Stock } from "../sandbox/stock.js";
import { chooseWalls, type ChosenWalls } from "../sandbox/walls/choose.js";
import { type SandboxUse, UseLedger } from "../sandbox/use.js";
import { Brake, canStop, type Hold, openHolder, type ShareHolder } from "../share/index.js";
import { assetsOf } from "./assets.js";
import type { EngineLimits, EngineName, Engines, MissingEngine, OfferedEngine, Program } from "./engine.js";
import { openRuntime } from "./open.js";
import type { SandboxRuntime } from "./runtime.js";

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
}

const engineNames: readonly EngineName[] = ["js", "wasm", "onnx"];

/** Finds out what this machine can run, by starting it. An engine that cannot run is missing, with the reason. */
export async function createEngines(options: EnginesOptions = {}): Promise<Engines> {
  const deno = findDeno();
  if (deno === undefined) return noEngines(`npm has no Deno for ${process.platform} ${process.arch}`, howToGetDeno);
  if (!hasRealmFiles()) return noEngines("the sandbox's own files are not built", "run `npm run build`");
  try {
    const walls = await chooseWalls(deno, options.bubblewrap ?? "auto");
    const brake = new Brake();
    const { cpuPercentPerProcess: percent, cgroups = "auto" } = options;
    const holder = await openHolder({ percent, cgroups, brake });
    return new SandboxedEngines(walls, options.prewarm ?? 1, { brake, holder });
  } catch (error) {
    return noEngines(error instanceof Error ? error.message : String(error), "run `aegis doctor`");
  }
}

const howToGetDeno = "run `npm install` without --omit=optional, on Linux (glibc), macOS or Windows";

class SandboxedEngines implements Engines {
  readonly offered: readonly OfferedEngine[];
  readonly missing: readonly MissingEngine[];
  readonly #walls: ChosenWalls;
  readonly #stock: Stock;
  readonly #holder: ShareHolder;
  readonly #brake: Brake;
  readonly #ledger = new UseLedger();
  /** Open runtimes; each value settles when the process has ended and nothing holds it any more. */
  readonly #open = new Map<SandboxRuntime, Promise<void>>();

  constructor(walls: ChosenWalls, prewarm: number, held: { brake: Brake; holder: ShareHolder }) {
    this.#walls = walls;
    this.#holder = held.holder;
    this.#brake = held.brake;
    this.#stock = new Stock(walls.command, prewarm, this.#ledger.add);
    const known = engineNames.map((engine) => ({ engine, assets: assetsOf(engine) }));
    this.offered = known.flatMap(({ engine, assets }) => (assets.ok ? [{ engine, walls: walls.names }] : []));
    this.missing = known.flatMap(({ engine, assets }) => (assets.ok ? [] : [{ engine, ...assets.missing }]));
  }

  async open(program: Program, limits: EngineLimits): Promise<SandboxRuntime> {
    const assets = assetsOf(program.engine);
    if (!assets.ok) throw engineMissing({ engine: program.engine, ...assets.missing });
    const process = await this.#stock.take();
    const hold = this.#holdOrKill(process);
    this.#brake.add(process.pid);
    const options = { process, program, limits, hold, limitData: this.#walls.limitData, assets: await assets.read() };
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
    await Promise.all([this.#stock.close(), ...this.#open.values()]);
    this.#holder.close();
  }

  get heldBy(): string {
    return this.#holder.name;
  }

  #holdOrKill(process: SandboxProcess): Hold {
    try {
      return this.#holder.hold(process.pid);
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
