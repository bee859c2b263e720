import { type DeviceKind, type FigureSource, type KnownDevice, stated, toTflops } from "./row.js";

const byXeCores =
  "Xe cores x graphics clock x 256 FP32 operations on vector engines, 2,048 of FP16 on matrix engines (XMX)";
const arcAlchemist: FigureSource = { title: "Intel Arc A-series, specifications", year: 2022, derivation: byXeCores };
const arcBattlemage: FigureSource = {
  title: "Intel Arc B-series, specifications",
  year: 2024,
  derivation: byXeCores,
};
const maxSeries: FigureSource = {
  title: "Intel Data Center GPU Max Series Technical Overview",
  year: 2024,
  url: "https://www.intel.com/content/www/us/en/developer/articles/technical/intel-data-center-gpu-max-series-overview.html",
  derivation: "Xe cores x highest clock x 2,048 TF32 or 4,096 FP16 operations on matrix engines (XMX)",
};

/** Name, Xe cores, graphics clock in GHz, memory GB/s, memory GiB. */
type XeRow = readonly [name: string, xeCores: number, gigahertz: number, gbps: number, gib: number];
/** Operations of one Xe core in one cycle. */
interface XeRates {
  readonly fp32: number;
  readonly fp16: number;
}
const hpg: XeRates = { fp32: 256, fp16: 2_048 };
const hpc: XeRates = { fp32: 2_048, fp16: 4_096 };

function xe(kind: DeviceKind, source: FigureSource, rates: XeRates, rows: readonly XeRow[]): KnownDevice[] {
  return stated(
    kind,
    source,
    rows.map(([name, xeCores, gigahertz, gbps, gib]) => {
      const cycles = xeCores * gigahertz * 1e9;
      return [name, toTflops(cycles * rates.fp32), toTflops(cycles * rates.fp16), gbps, gib];
    }),
  );
}

export const intel: readonly KnownDevice[] = [
  ...xe("desktop", arcAlchemist, hpg, [
    ["Intel Arc A380", 8, 2, 186, 6],
    ["Intel Arc A750", 28, 2.05, 512, 8],
    ["Intel Arc A770", 32, 2.1, 560, 16],
  ]),
  ...xe("desktop", arcBattlemage, hpg, [["Intel Arc B580", 20, 2.67, 456, 12]]),
  ...xe("data centre", maxSeries, hpc, [
    ["Intel Data Center GPU Max 1100", 56, 1.55, 1_228.8, 48],
    ["Intel Data Center GPU Max 1550", 128, 1.6, 3_276.8, 128],
  ]),
];

const fp16AsFp32 = "the GPU computes FP16 at the FP32 rate";
const m1: FigureSource = { title: "Apple, M1, M1 Pro and M1 Max announcements", year: 2021, derivation: fp16AsFp32 };
const m1Ultra: FigureSource = {
  title: "Apple, M1 Ultra announcement",
  year: 2022,
  derivation: `twice M1 Max, of which it is two; ${fp16AsFp32}`,
};
const m2: FigureSource = { title: "Apple, M2 announcement", year: 2022, derivation: fp16AsFp32 };
const byGpuCores: FigureSource = {
  title: "Apple, M2 Pro to M3 Max announcements: GPU cores and memory",
  year: 2023,
  derivation: `GPU cores x 128 x 2 x 1.398 GHz, the lower of the clocks that others report, since Apple states none; ${fp16AsFp32}`,
};

/** Unified memory: the GPU shares it with the processor. The largest configuration is given. */
export const apple: readonly KnownDevice[] = [
  ...stated("laptop", m1, [
    ["Apple M1", 2.6, undefined, 68.25, 16],
    ["Apple M1 Pro", 5.2, undefined, 200, 32],
    ["Apple M1 Max", 10.4, undefined, 400, 64],
  ]),
  ...stated("desktop", m1Ultra, [["Apple M1 Ultra", 20.8, undefined, 800, 128]]),
  ...stated("laptop", m2, [["Apple M2", 3.6, undefined, 100, 24]]),
  ...stated("laptop", byGpuCores, [
    ["Apple M2 Pro", 6.8, undefined, 200, 32],
    ["Apple M2 Max", 13.6, undefined, 400, 96],
    ["Apple M3 Max", 14.3, undefined, 400, 128],
  ]),
  ...stated("desktop", byGpuCores, [["Apple M2 Ultra", 27.2, undefined, 800, 192]]),
];
