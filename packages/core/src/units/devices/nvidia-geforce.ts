import { type DeviceKind, type FigureSource, type KnownDevice, stated, toTflops } from "./row.js";

const turing: FigureSource = {
  title: "NVIDIA Turing GPU Architecture whitepaper, reference boards",
  year: 2018,
  url: "https://images.nvidia.com/aem-dam/en-zz/Solutions/design-visualization/technologies/turing-architecture/NVIDIA-Turing-Architecture-Whitepaper.pdf",
};
export const ampereWhitepaper: FigureSource = {
  title: "NVIDIA Ampere GA102 GPU Architecture whitepaper, V2.0",
  year: 2021,
  url: "https://www.nvidia.com/content/PDF/nvidia-ampere-ga-102-gpu-architecture-whitepaper-v2.pdf",
};
const ada: FigureSource = { title: "NVIDIA Ada GPU Architecture whitepaper, V2", year: 2023 };
const blackwell: FigureSource = { title: "NVIDIA RTX Blackwell GPU Architecture whitepaper", year: 2025 };

const byCores =
  "CUDA cores x 2 x boost clock; TF32 at that rate and FP16 with FP32 accumulation at twice it, as in the whitepapers of GA102, Ada and Blackwell";
const ampereCards: FigureSource = {
  title: "NVIDIA GeForce RTX 30 series, specifications",
  year: 2021,
  derivation: byCores,
};
const adaCards: FigureSource = {
  title: "NVIDIA GeForce RTX 40 series, specifications",
  year: 2023,
  derivation: byCores,
};
const blackwellCards: FigureSource = {
  title: "NVIDIA GeForce RTX 50 series, specifications",
  year: 2025,
  derivation: byCores,
};
const laptops: FigureSource = {
  title: "NVIDIA GeForce RTX laptop GPUs, specifications",
  year: 2025,
  derivation: `${byCores}; at the highest boost clock a laptop may give the GPU, which many do not`,
};

/** Name, CUDA cores, boost clock in MHz, memory GB/s, memory GiB. */
type CoreRow = readonly [name: string, cores: number, boostMHz: number, gbps: number, gib: number];

function geforce(kind: DeviceKind, source: FigureSource, rows: readonly CoreRow[]): KnownDevice[] {
  return stated(
    kind,
    source,
    rows.map(([name, cores, boostMHz, gbps, gib]) => {
      const fp32FlopsPerSecond = cores * 2 * boostMHz * 1e6;
      return [name, toTflops(fp32FlopsPerSecond), toTflops(2 * fp32FlopsPerSecond), gbps, gib];
    }),
  );
}

export const nvidiaGeforce: readonly KnownDevice[] = [
  // GeForce cards halve the tensor rate when they accumulate in FP32: that half is what counts here
  ...stated("desktop", turing, [
    ["NVIDIA GeForce GTX 1080 Ti", 11.3, undefined, 484, 11],
    ["NVIDIA GeForce RTX 2080 Ti", 13.4, 53.8, 616, 11],
  ]),
  ...stated("desktop", ampereWhitepaper, [
    ["NVIDIA GeForce RTX 3070", 20.3, 40.6, 448, 8],
    ["NVIDIA GeForce RTX 3080", 29.8, 59.5, 760, 10],
    ["NVIDIA GeForce RTX 3090", 35.6, 71, 936, 24],
  ]),
  ...geforce("desktop", ampereCards, [
    ["NVIDIA GeForce RTX 3050", 2_560, 1_777, 224, 8],
    ["NVIDIA GeForce RTX 3060", 3_584, 1_777, 360, 12],
    ["NVIDIA GeForce RTX 3060 Ti", 4_864, 1_665, 448, 8],
  ]),
  ...stated("desktop", ada, [
    ["NVIDIA GeForce RTX 4070 Ti", 40.1, 80.2, 504, 12],
    ["NVIDIA GeForce RTX 4080", 48.7, 97.5, 716.8, 16],
    ["NVIDIA GeForce RTX 4090", 82.6, 165.2, 1_008, 24],
  ]),
  ...geforce("desktop", adaCards, [
    ["NVIDIA GeForce RTX 4060", 3_072, 2_460, 272, 8],
    ["NVIDIA GeForce RTX 4060 Ti", 4_352, 2_535, 288, 8],
    ["NVIDIA GeForce RTX 4070", 5_888, 2_475, 504, 12],
    ["NVIDIA GeForce RTX 4070 SUPER", 7_168, 2_475, 504, 12],
    ["NVIDIA GeForce RTX 4080 SUPER", 10_240, 2_550, 736, 16],
  ]),
  ...stated("desktop", blackwell, [
    ["NVIDIA GeForce RTX 5070", 30.9, 61.7, 672, 12],
    ["NVIDIA GeForce RTX 5070 Ti", 43.9, 87.9, 896, 16],
    ["NVIDIA GeForce RTX 5080", 56.3, 112.6, 960, 16],
    ["NVIDIA GeForce RTX 5090", 104.8, 209.5, 1_792, 32],
  ]),
  ...geforce("desktop", blackwellCards, [["NVIDIA GeForce RTX 5060", 3_840, 2_497, 448, 8]]),
  ...geforce("laptop", laptops, [
    ["NVIDIA GeForce RTX 3050 Ti Laptop", 2_560, 1_695, 192, 4],
    ["NVIDIA GeForce RTX 3060 Laptop", 3_840, 1_703, 336, 6],
    ["NVIDIA GeForce RTX 4060 Laptop", 3_072, 2_370, 256, 8],
    ["NVIDIA GeForce RTX 4070 Laptop", 4_608, 2_175, 256, 8],
    ["NVIDIA GeForce RTX 4090 Laptop", 9_728, 2_040, 576, 16],
    ["NVIDIA GeForce RTX 5090 Laptop", 10_496, 2_160, 896, 24],
  ]),
];
