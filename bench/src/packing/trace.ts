import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Capacity, Demand } from "@aegis-pool/core";

/** The mixes of requests in the trace. */
export const mixes = ["default", "gpushare60", "multigpu30"] as const;
export type Mix = (typeof mixes)[number];

/** Where the trace lies: it is read there and never copied. */
const folder = join(process.env.AEGIS_DATA ?? "../shared/data", "openb");

/** Why the trace cannot be replayed; undefined where it is there. */
export async function whyNoTrace(): Promise<string | undefined> {
  return access(folder).then(
    () => undefined,
    () => `skipped: there is no ${folder}; set AEGIS_DATA to the folder that holds openb/`,
  );
}

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
  const rows = await readRows(`pods_${mix}.csv`);
  return rows.map((row) => ({
    cpuMilli: Number(row.cpu_milli),
    memoryMib: Number(row.memory_mib),
    gpus: Number(row.num_gpu),
    gpuMilli: Number(row.num_gpu) === 0 ? 0 : Number(row.gpu_milli),
    ...((row.gpu_spec ?? "") !== "" && { models: (row.gpu_spec ?? "").split("|") }),
  }));
}

/** Percent unallocated that FGD's authors published, the mean of ten seeds. */
export interface Published {
  readonly at100: number;
  readonly at130: number;
}

export async function readPublished(mix: Mix, policy: "FGD" | "BestFit"): Promise<Published> {
  const rows = await readRows("published_policies.csv");
  const row = rows.find((own) => own.workload === `pods_${mix}` && own.policy === policy);
  if (row === undefined) throw new Error(`published_policies.csv has no line for pods_${mix} and ${policy}`);
  return { at100: 100 - Number(row.alloc_pct_at_100), at130: Number(row.unallocated_pct_at_130) };
}

async function readRows(name: string): Promise<Record<string, string>[]> {
  const path = join(folder, name);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new Error(`${path} cannot be read, though its folder is there: is it whole?`, { cause });
  });
  const [header = "", ...lines] = text.trim().split(/\r?\n/);
  const names = header.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((value, at) => [names[at] ?? "", value])));
}
