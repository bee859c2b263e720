import { AegisError } from "@aegis-pool/core";
import { findDeno, hasRealmFiles } from "../sandbox/deno.js";
import { Stock } from "../sandbox/stock.js";
import { chooseWalls, type ChosenWalls } from "../sandbox/walls/choose.js";
import { type SandboxUse, UseLedger } from "../sandbox/use.js";
import { Brake, canStop, dutyCycleSupport, ownSystem, startDutyCycle, type DutyCycle } from "../share/index.js";
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
    const dutyCycle = startDutyCycleFor(options.cpuPercentPerProcess, brake);
    return new SandboxedEngines(walls, options.prewarm ?? 1, { brake, dutyCycle });
  } catch (error) {
    return noEngines(error instanceof Error ? error.message : String(error), "run `aegis doctor`");
  }
}

function startDutyCycleFor(percent: number | undefined, { signal }: Brake): DutyCycle | undefined {
  if (percent === undefined) return undefined;
  const { available, detail } = dutyCycleSupport();
  if (available) return startDutyCycle(percent, { ...ownSystem, signal });
  throw new AegisError({
    code: "bad-argument",
    message: `processes cannot be held to ${percent}% of a core here: ${detail}`,
    next: "lend whole cores on this machine, or fewer slots",
  });
}

const howToGetDeno = "run `npm install` without --omit=optional, on Linux (glibc), macOS or Windows";

class SandboxedEngines implements Engines {
  readonly offered: readonly OfferedEngine[];
  readonly missing: readonly MissingEngine[];
  readonly #walls: ChosenWalls;
  readonly #stock: Stock;
  readonly #dutyCycle: DutyCycle | undefined;
  readonly #brake: Brake;
  readonly #ledger = new UseLedger();
  readonly #open = new Set<SandboxRuntime>();

  constructor(walls: ChosenWalls, prewarm: number, held: { brake: Brake; dutyCycle: DutyCycle | undefined }) {
    this.#walls = walls;
    this.#dutyCycle = held.dutyCycle;
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
    const { pid } = process;
    this.#dutyCycle?.add(pid);
    this.#brake.add(pid);
    const options = { process, program, limits, limitData: this.#walls.limitData, assets: await assets.read() };
    const runtime = await openRuntime(options).catch((error: unknown) => {
      process.kill();
      this.#letGo(pid);
      throw error;
    });
    if (this.#brake.isOn) runtime.pause();
    this.#open.add(runtime);
    void runtime.gone.then(() => this.#forget(runtime));
    return runtime;
  }

  pause(): boolean {
    this.#brake.pull();
    for (const runtime of this.#open) runtime.pause();
    return canStop;
  }

  resume(): void {
    for (const runtime of this.#open) runtime.resume();
    this.#brake.letOff();
  }

  use(): SandboxUse {
    return this.#ledger.read();
  }

  async close(): Promise<void> {
    await Promise.all([this.#stock.close(), ...Array.from(this.#open, (runtime) => runtime.close())]);
    this.#dutyCycle?.close();
  }

  #forget(runtime: SandboxRuntime): void {
    this.#open.delete(runtime);
    this.#letGo(runtime.pid);
  }

  #letGo(pid: number): void {
    this.#brake.remove(pid);
    this.#dutyCycle?.remove(pid);
  }
}

function noEngines(why: string, howToGet: string): Engines {
  const missing = engineNames.map((engine) => ({ engine, why, howToGet }));
  return {
    offered: [],
    missing,
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
