import { ampereWhitepaper } from "./nvidia-geforce.js";
import { type FigureSource, type KnownDevice, stated } from "./row.js";

const a100Table: FigureSource = {
  title: "NVIDIA, NVIDIA Ampere Architecture In-Depth, table of P100, V100 and A100",
  year: 2020,
  url: "https://developer.nvidia.com/blog/nvidia-ampere-architecture-in-depth/",
};
const sheet = (device: string, year: number, derivation?: string): FigureSource => ({
  title: `NVIDIA ${device}, data sheet`,
  year,
  ...(derivation === undefined ? {} : { derivation }),
});
const halved = "half of the figures with sparsity";

export const nvidiaDataCenter: readonly KnownDevice[] = [
  ...stated("workstation", ampereWhitepaper, [["NVIDIA RTX A6000", 77.4, 154.8, 768, 48]]),
  ...stated(
    "workstation",
    sheet("RTX 6000 Ada Generation", 2022, "TF32 is half of FP16, FP16 a quarter of sparse FP8"),
    [["NVIDIA RTX 6000 Ada", 182.1, 364.2, 960, 48]],
  ),
  ...stated("data centre", sheet("Tesla P40", 2016), [["NVIDIA Tesla P40", 12, undefined, 346, 24]]),
  // P100 computes FP16 at twice the FP32 rate, but accumulates in FP16: that does not count
  ...stated("data centre", a100Table, [
    ["NVIDIA Tesla P100 SXM2", 10.6, undefined, 720, 16],
    ["NVIDIA Tesla V100 SXM2", 15.7, 125, 900, 32],
    ["NVIDIA A100 40GB SXM", 156, 312, 1_555, 40],
  ]),
  ...stated("data centre", sheet("T4", 2019), [["NVIDIA T4", 8.1, 65, 320, 16]]),
  ...stated("data centre", sheet("A100 80GB", 2021), [
    ["NVIDIA A100 80GB PCIe", 156, 312, 1_935, 80],
    ["NVIDIA A100 80GB SXM", 156, 312, 2_039, 80],
  ]),
  ...stated("data centre", sheet("A40", 2020), [["NVIDIA A40", 74.8, 149.7, 696, 48]]),
  ...stated("data centre", sheet("A30", 2021), [["NVIDIA A30", 82, 165, 933, 24]]),
  ...stated("data centre", sheet("A10", 2021), [["NVIDIA A10", 62.5, 125, 600, 24]]),
  ...stated("data centre", sheet("L4", 2023, `FP16: ${halved}; TF32: half of FP16`), [
    ["NVIDIA L4", 60.5, 121, 300, 24],
  ]),
  ...stated("data centre", sheet("L40", 2022), [["NVIDIA L40", 90.5, 181.05, 864, 48]]),
  ...stated("data centre", sheet("L40S", 2023), [["NVIDIA L40S", 183, 362.05, 864, 48]]),
  ...stated("data centre", sheet("H100", 2023, halved), [
    ["NVIDIA H100 PCIe", 378, 756, 2_000, 80],
    ["NVIDIA H100 NVL", 417.5, 835.5, 3_900, 94],
    ["NVIDIA H100 SXM", 494.5, 989.5, 3_350, 80],
  ]),
  ...stated("data centre", sheet("H200", 2024, halved), [["NVIDIA H200 SXM", 494.5, 989.5, 4_800, 141]]),
  ...stated("data centre", sheet("HGX B200", 2024, `${halved}, of one of eight GPUs`), [
    ["NVIDIA B200 SXM", 1_100, 2_250, 8_000, 180],
  ]),
];
