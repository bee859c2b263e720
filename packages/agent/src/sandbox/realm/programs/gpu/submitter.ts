import { type Compiled, type Gpu, usage } from "./gpu.js";
import { Pace, rest } from "./pace.js";
import { Stopwatch } from "./stopwatch.js";

/** What a kernel's uniform buffer holds besides the first workgroup; see core's `dispatchStruct`. */
export interface Dispatch {
  readonly size: number;
  readonly number: number;
  readonly factors: number;
  readonly key: readonly [number, number];
  readonly factorKey: readonly [number, number];
}

/** A kernel that runs `rounds` times over `groups` workgroups, each round after the one before. */
export interface Stage {
  readonly compiled: Compiled;
  readonly groups: number;
  readonly rounds: number;
  /** What is read, then what is written; where there are several, rounds take turns. */
  readonly buffers: readonly (readonly GPUBuffer[])[];
  dispatchOf(round: number): Dispatch;
}

/** Workgroups of one round, which one dispatch does. */
interface Part {
  readonly round: number;
  readonly first: number;
  readonly groups: number;
}

/** A submit that is under way. */
interface Flight {
  readonly begin: number;
  readonly groups: number;
  readonly pace: Pace;
  /** How long the device was busy with it, in ms, once it is over. */
  readonly busyMs: Promise<number>;
}

const noKey = [0, 0] as const;
/** A dispatch that needs to say nothing but a number. */
export const plainDispatch = { size: 256, factors: 0xffff_ffff, key: noKey, factorKey: noKey } as const;

/** Dispatches of one submit, at most: each has its place in the uniform buffer, as far apart as any device wants. */
const places = 256;
const placeWords = 64;
/** Workgroups of one dispatch: every device allows 65,535. */
const mostGroups = 32_768;
/** Submits under way on a device that need not rest: while one is waited for, the other keeps it busy. */
const mostFlights = 2;

/** Sends a device its work in submits that are short, with rests between them where it may not be busy all the time. */
export class Submitter {
  readonly #gpu: Gpu;
  readonly #dispatches: GPUBuffer;
  readonly #words = new Uint32Array(places * placeWords);
  readonly #paces = new Map<string, Pace>();
  /** Those that no flight has; none ever where the device does not tell the time. */
  readonly #watches: Stopwatch[];

  private constructor(gpu: Gpu, dispatches: GPUBuffer, watches: Stopwatch[]) {
    this.#gpu = gpu;
    this.#dispatches = dispatches;
    this.#watches = watches;
  }

  static async open(gpu: Gpu): Promise<Submitter> {
    const [dispatches] = await gpu.allocate([places * placeWords * 4], usage.uniform | usage.copyTarget);
    const watches = await Promise.all(Array.from({ length: mostFlights }, () => Stopwatch.open(gpu)));
    return new Submitter(
      gpu,
      dispatches as GPUBuffer,
      watches.flatMap((watch) => watch ?? []),
    );
  }

  /** Does one stage after the other. @throws {GpuFailure} `device-lost` */
  async run(stages: readonly Stage[], dutyPercent: number): Promise<void> {
    const flights: Flight[] = [];
    const land = async (): Promise<void> => {
      const flight = flights.shift();
      if (!flight) return;
      const busyMs = await flight.busyMs;
      flight.pace.learn(flight.groups, busyMs);
      await rest(dutyPercent, busyMs, flight.begin);
    };
    for (const stage of stages) {
      const bindings = stage.buffers.map((buffers) => this.#gpu.bind(stage.compiled, this.#dispatches, buffers));
      for (let done = 0; done < stage.groups * stage.rounds;) {
        if (flights.length >= (dutyPercent < 100 ? 1 : mostFlights)) await land();
        const flight = this.#submit(stage, bindings, done);
        flights.push(flight);
        done += flight.groups;
      }
    }
    while (flights.length > 0) await land();
  }

  /** A kernel's workgroups take as long as its matrix is deep. */
  #paceOf(stage: Stage): Pace {
    const key = `${stage.dispatchOf(0).size} ${stage.compiled.source}`;
    const pace = this.#paces.get(key) ?? new Pace();
    this.#paces.set(key, pace);
    return pace;
  }

  #submit(stage: Stage, bindings: readonly GPUBindGroup[], done: number): Flight {
    const pace = this.#paceOf(stage);
    const parts = partsOf(stage, done, pace.groups);
    const watch = this.#watches.pop();
    const encoder = this.#gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass(watch?.passParts);
    pass.setPipeline(stage.compiled.pipeline);
    for (const [place, { round, first, groups }] of parts.entries()) {
      const { size, number, factors, key, factorKey } = stage.dispatchOf(round);
      this.#words.set([first, size, number, factors, ...key, ...factorKey], place * placeWords);
      pass.setBindGroup(0, bindings[round % bindings.length] as GPUBindGroup, [place * placeWords * 4]);
      pass.dispatchWorkgroups(groups);
    }
    pass.end();
    watch?.resolve(encoder);
    const { queue } = this.#gpu.device;
    queue.writeBuffer(this.#dispatches, 0, this.#words, 0, parts.length * placeWords);
    queue.submit([encoder.finish()]);
    const groups = parts.reduce((sum, part) => sum + part.groups, 0);
    return { begin: performance.now(), groups, pace, busyMs: this.#timeOf(watch) };
  }

  async #timeOf(watch: Stopwatch | undefined): Promise<number> {
    const begin = performance.now();
    const busyMs = watch ? await watch.read() : NaN;
    if (watch) this.#watches.push(watch);
    else await this.#gpu.unlessLost(this.#gpu.device.queue.onSubmittedWorkDone());
    const wallMs = performance.now() - begin;
    // a clock that was set back, or that stands still, is none
    return busyMs > 0 && busyMs <= wallMs ? busyMs : wallMs;
  }
}

/** The next `wanted` workgroups after `done`, cut where a round ends: fewer where one submit cannot hold them. */
function partsOf({ groups, rounds }: Stage, done: number, wanted: number): Part[] {
  const parts: Part[] = [];
  const end = Math.min(groups * rounds, done + wanted);
  for (let at = done; at < end && parts.length < places;) {
    const [round, first] = [Math.floor(at / groups), at % groups];
    const part = { round, first, groups: Math.min(groups - first, end - at, mostGroups) };
    parts.push(part);
    at += part.groups;
  }
  return parts;
}
