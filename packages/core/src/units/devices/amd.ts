import { type DeviceKind, type FigureSource, type KnownDevice, type StatedRow, stated } from "./row.js";

const instinct = (models: string, year: number): FigureSource => ({
  title: `AMD Instinct ${models}, data sheet`,
  year,
  derivation: "the figures for matrix operations, without sparsity; TF32 where the device has it",
});

function radeon(series: string, year: number, derivation: string, rows: readonly StatedRow[], kind?: DeviceKind) {
  return stated(kind ?? "desktop", { title: `AMD Radeon ${series}, specifications`, year, derivation }, rows);
}
const dot = "FP16 is the peak half precision rate, which the dot product with FP32 accumulation reaches";
const wave =
  "FP32 counts two instructions at once; FP16 is the peak half precision rate, which wave matrix products with FP32 accumulation reach";
const matrix = "FP32 counts two instructions at once; FP16 is the peak half precision matrix rate";

export const amd: readonly KnownDevice[] = [
  ...radeon("RX 6000 series", 2021, dot, [
    ["AMD Radeon RX 6600", 8.93, 17.86, 224, 8],
    ["AMD Radeon RX 6700 XT", 13.21, 26.43, 384, 12],
    ["AMD Radeon RX 6800 XT", 20.74, 41.47, 512, 16],
    ["AMD Radeon RX 6900 XT", 23.04, 46.08, 512, 16],
  ]),
  ...radeon("RX 7000 series", 2023, wave, [
    ["AMD Radeon RX 7600", 21.75, 43.5, 288, 8],
    ["AMD Radeon RX 7800 XT", 37.3, 74.7, 624, 16],
    ["AMD Radeon RX 7900 XT", 51.5, 103, 800, 20],
    ["AMD Radeon RX 7900 XTX", 61.4, 122.8, 960, 24],
  ]),
  ...radeon("RX 9000 series", 2025, matrix, [["AMD Radeon RX 9070 XT", 48.7, 195, 640, 16]]),
  ...radeon("PRO W7000 series", 2023, wave, [["AMD Radeon PRO W7900", 61.3, 122.6, 864, 48]], "workstation"),
  ...stated("data centre", instinct("MI100", 2020), [["AMD Instinct MI100", 46.1, 184.6, 1_228.8, 32]]),
  ...stated("data centre", instinct("MI200 series", 2022), [
    ["AMD Instinct MI210", 45.3, 181, 1_638.4, 64],
    ["AMD Instinct MI250", 90.5, 362.1, 3_276.8, 128],
    ["AMD Instinct MI250X", 95.7, 383, 3_276.8, 128],
  ]),
  ...stated("data centre", instinct("MI300 series", 2023), [
    ["AMD Instinct MI300A", 490.3, 980.6, 5_300, 128],
    ["AMD Instinct MI300X", 653.7, 1_307.4, 5_300, 192],
  ]),
  ...stated("data centre", instinct("MI325X", 2024), [["AMD Instinct MI325X", 653.7, 1_307.4, 6_000, 256]]),
];
