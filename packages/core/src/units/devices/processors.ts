import { type FigureSource, type KnownDevice, toTflops } from "./row.js";

const byCores = "cores x base clock x FP32 operations in a cycle";
const avx2 = `${byCores}: 32 with two 256-bit fused multiply-adds`;
const amd = (series: string, year: number): FigureSource => ({
  title: `AMD ${series}, specifications`,
  year,
  derivation: avx2,
});
const xeon: FigureSource = {
  title: "Intel Xeon Platinum 8380 and 8480+, specifications",
  year: 2023,
  derivation: `${byCores}: 64 with two 512-bit fused multiply-adds, which lower the clock`,
};
const core: FigureSource = { title: "Intel Core i7-8700 and i9-10900K, specifications", year: 2020, derivation: avx2 };
const raspberry: FigureSource = {
  title: "Raspberry Pi 5, product brief",
  year: 2023,
  derivation: `${byCores}: 16 with two 128-bit fused multiply-adds of a Cortex-A76`,
};

/** Name, cores, base clock in GHz, FP32 operations of a core in a cycle, memory GB/s with all channels filled. */
type ProcessorRow = readonly [name: string, cores: number, gigahertz: number, flopsPerCycle: number, gbps: number];

function processors(source: FigureSource, rows: readonly ProcessorRow[]): KnownDevice[] {
  return rows.map(([name, cores, gigahertz, flopsPerCycle, memoryGBps]) => ({
    name,
    kind: "processor",
    ratingClass: "cpu",
    figures: { fp32Tflops: toTflops(cores * gigahertz * 1e9 * flopsPerCycle), fp16Tflops: undefined, memoryGBps },
    memoryGiB: undefined,
    source,
  }));
}

export const centralProcessors: readonly KnownDevice[] = [
  ...processors(raspberry, [["Raspberry Pi 5", 4, 2.4, 16, 17.1]]),
  ...processors(core, [
    ["Intel Core i7-8700", 6, 3.2, 32, 41.6],
    ["Intel Core i9-10900K", 10, 3.7, 32, 45.8],
  ]),
  ...processors(amd("Ryzen 5000 series", 2020), [["AMD Ryzen 7 5800X", 8, 3.8, 32, 51.2]]),
  ...processors(amd("Ryzen 7000 series", 2022), [["AMD Ryzen 9 7950X", 16, 4.5, 32, 83.2]]),
  ...processors(xeon, [
    ["Intel Xeon Platinum 8380", 40, 2.3, 64, 204.8],
    ["Intel Xeon Platinum 8480+", 56, 2, 64, 307.2],
  ]),
  ...processors(amd("EPYC 7003 series", 2021), [["AMD EPYC 7763", 64, 2.45, 32, 204.8]]),
  ...processors(amd("EPYC 9004 series", 2022), [
    ["AMD EPYC 9654", 96, 2.4, 32, 460.8],
    ["AMD EPYC 9754", 128, 2.25, 32, 460.8],
  ]),
];
