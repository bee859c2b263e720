import { availableParallelism } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { createEngines, type Engines, lentShare } from "@aegis-pool/agent";
import type { Benchmark, Figure } from "../benchmark.js";
import { hoarding, littering, spinning } from "../sharing/hostile-programs.js";
import { cpuPercentOver, memoryOf, mostMemory } from "../sharing/outside.js";

const mebibyte = 1024 ** 2;
/** Of these, 25% and 50% are lent to one task: little, so that what it gets beyond that weighs. */
const machineMemory = 2_048 * mebibyte;
const shares = [25, 50] as const;
/** Most of its share that a hostile task may get beyond it. */
const most = { cgroups: 0.03, without: 0.1 } as const;
/** A run that is measured is not ended by its time limit; what a quota saved up while idling is used up first. */
const [timeMs, settleMs] = [120_000, 1_000];

type Mode = keyof typeof most;

/** What hostile tasks get of a machine beyond the share that is lent. */
export const shareCap: Benchmark = {
  name: "share-cap",
  summary: "CPU and memory that hostile tasks get beyond a share of 25% and 50%, with and without cgroups",
  async run({ long, say }) {
    if (process.platform !== "linux") throw new Error("share-cap reads /proc: it runs on Linux only");
    const measureMs = long ? 20_000 : 4_000;
    const figures: Figure[] = [];
    const baseline: Record<string, number> = { unheldCpuPercent: await unheld(measureMs) };
    for (const mode of ["cgroups", "without"] as const) {
      for (const percent of shares) {
        const lent = lentShare({ cpuPercent: percent, memoryBytes: (machineMemory * percent) / 100 });
        const engines = await enginesFor(mode, lent.cpuPercentPerSlot, lent.slots);
        try {
          if (mode === "cgroups" && !engines.heldBy.startsWith("cgroups")) {
            say(`this system grants no cgroups (it holds by ${engines.heldBy}): those figures are left out`);
            break;
          }
          say(`${percent}% held by ${engines.heldBy}`);
          const cpu = await cpuBeyond(engines, lent.slots, measureMs, lent.slots * lent.cpuPercentPerSlot);
          const memory = await memoryBeyond(engines, lent.memoryBytesPerSlot, measureMs);
          const named = { unit: "ratio", atMost: most[mode] } as const;
          const suffix = `Beyond${percent}${mode === "cgroups" ? "Cgroups" : "Without"}`;
          figures.push({ name: `cpu${suffix}`, value: cpu.beyond, ...named });
          figures.push({ name: `memory${suffix}`, value: memory.beyond, ...named });
          baseline[`cpuPercentOf${percent}${mode}`] = cpu.percent;
          baseline[`engineOwnMiB${percent}${mode}`] = memory.ownBytes / mebibyte;
        } finally {
          await engines.close();
        }
      }
    }
    return { figures, baseline };
  },
};

function enginesFor(mode: Mode, cpuPercentPerProcess: number, prewarm: number): Promise<Engines> {
  return createEngines({ cpuPercentPerProcess, prewarm, cgroups: mode === "cgroups" ? "auto" : "off" });
}

/** Percent of one core that the greedier program takes in every slot where nobody holds it. */
async function unheld(measureMs: number): Promise<number> {
  const engines = await createEngines({ prewarm: 1 });
  try {
    return await hostilePercent(engines, littering, 1, measureMs);
  } finally {
    await engines.close();
  }
}

/** What the greedier of the two programs gets, with one in each slot, as a part of what is lent beyond that. */
async function cpuBeyond(engines: Engines, slots: number, measureMs: number, lentPercent: number) {
  const spun = await hostilePercent(engines, spinning, slots, measureMs);
  const littered = await hostilePercent(engines, littering, slots, measureMs);
  const percent = Math.max(spun, littered);
  return { percent, beyond: Math.max(0, percent / lentPercent - 1) };
}

async function hostilePercent(engines: Engines, bytes: Uint8Array, slots: number, measureMs: number): Promise<number> {
  const open = () => engines.open({ engine: "js", bytes }, limitsWith(512 * mebibyte));
  const runtimes = await Promise.all(Array.from({ length: Math.min(slots, availableParallelism()) }, open));
  try {
    for (const runtime of runtimes) void runtime.run(new Uint8Array([1, 0x30]));
    await delay(settleMs);
    const pids = runtimes.map(({ pid }) => pid);
    return await cpuPercentOver(measureMs, pids);
  } finally {
    await Promise.all(runtimes.map((runtime) => runtime.close()));
  }
}

/** The most that a program which takes memory without end gets until it is ended, or over the time, the engine's own before it set aside. */
async function memoryBeyond(engines: Engines, lentBytes: number, measureMs: number) {
  const runtime = await engines.open({ engine: "js", bytes: hoarding }, limitsWith(lentBytes));
  const ownBytes = memoryOf(runtime.pid)?.now ?? 0;
  try {
    void runtime.run(new Uint8Array([1, 0x30]));
    const mostBytes = await mostMemory(runtime.pid, measureMs);
    return { ownBytes, beyond: Math.max(0, (mostBytes - ownBytes) / lentBytes - 1) };
  } finally {
    await runtime.close();
  }
}

function limitsWith(memoryBytes: number) {
  return { timeMs, memoryBytes, outputBytes: 1_000, logBytes: 0 };
}
