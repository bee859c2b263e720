import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Capacity, Demand } from "@aegis-pool/core";

/** The mixes of requests in the trace. */
export const mixes = ["pods_default", "pods_gpushare60", "pods_multigpu30"] as const;
type Mix = (typeof mixes)[number];

/** Where the trace lies: it is read there and never copied. */
const folder = join(process.env.AEGIS_DATA ?? "../shared/data", "openb");

/** The servers with graphics cards of openb (Alibaba cluster-trace-gpu-v2023), all free. */
export async function readNodes(): Promise<Capacity[]> {
  const rows = await readRows("nodes.csv");
  return rows.map((row) => ({
    cpuMilli: Number(row.cpu_milli),
    memoryMib: Number(row.memory_mib),
    gpusMilli: Array.from({ length: Number(row.gpu) }, () => 1000),
    model: row.model ?? "",
  }));
}

export async function readDemands(mix: Mix): Promise<Demand[]> {
  const rows = await readRows(`${mix}.csv`);
  return rows.map((row) => ({
    cpuMilli: Number(row.cpu_milli),
    memoryMib: Number(row.memory_mib),
    gpus: Number(row.num_gpu),
    gpuMilli: Number(row.num_gpu) === 0 ? 0 : Number(row.gpu_milli),
    ...((row.gpu_spec ?? "") !== "" && { models: (row.gpu_spec ?? "").split("|") }),
  }));
}

async function readRows(name: string): Promise<Record<string, string>[]> {
  const path = join(folder, name);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error(`${path} cannot be read: set AEGIS_DATA to the folder that holds openb/`, { cause });
  });
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [names[at] ?? "", value])));
}
