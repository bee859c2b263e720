const rounded = (scu: number | undefined): string => (scu ?? 0).toFixed(1);

/** The page up to its tables; `reference` are the SCU of the devices that it speaks of, by data sheet. */
export function opening(count: number, reference: ReadonlyMap<string, number>): string[] {
  const a100 = reference.get("A100 80GB SXM") ?? 0;
  const servers = String(Math.round(80 * a100)).replace(/\B(?=(\d{3})+$)/g, ",");
  return [
    "<!-- written by `npm run devices` from packages/core/src/units/devices: edit that -->",
    "# Devices in standard compute units",
    "",
    `What ${count} devices are worth, by their vendors' public figures. A pool pays for what a machine has proven, never for a data sheet:`,
    "this page is for a first idea of what a machine may bring, and for comparing.",
    "",
    "1 SCU is a device with 8 TFLOP/s of FP32-class matrix product, 16 TFLOP/s of FP16 matrix product with FP32 accumulation, and 100 GB/s of",
    "memory traffic. A device's SCU is the geometric mean of its ratios to these:",
    "",
    "```",
    "cuda:  SCU = cube root of (FP32 / 8) x (FP16 / 16) x (memory / 100)",
    "cpu:   SCU = square root of (FP32 / 8) x (memory / 100)",
    "```",
    "",
    "- *FP32* is TF32 where the device has it, since that counts where an engine may use it. All figures are without sparsity.",
    "- *FP16* accumulates in FP32. GeForce cards do so at half of the rate that their vendor prints largest. Where a device has no such",
    "  rate (-), its FP16 counts at the FP32 rate.",
    "- The class `cuda` stands for the vendor's own way to a GPU: CUDA, ROCm, oneAPI or Metal. Processors are rated in the class `cpu`.",
    "- Memory size is a filter, not a score. Apple's is shared with the processor; the largest configuration is given.",
    "- *figures* says whether they are a vendor's (data sheet) or of a run of ours (measured here), with its date and page.",
    "",
    `An RTX 4090 is ${rounded(reference.get("RTX 4090"))} SCU, an A100 80GB SXM ${rounded(a100)}, so that ten servers of eight are ${servers}; an L4 is ${rounded(reference.get("L4"))}, an M3 Max ${rounded(reference.get("M3 Max"))}.`,
    "Two of these hang on a digit. The L4's data sheet prints 242 TFLOP/s of FP16 and 120 of TF32, both with sparsity; TF32 is half of FP16,",
    "60.5 without sparsity, which gives 5.6; its rounded 60 would give 5.5. Apple publishes no TFLOP/s for M3 Max: 40 cores at 1.398 GHz are",
    "14.3, which gives 1.9; others report from 14.2 (1.8) to 16.4 (2.0).",
    "",
    "![SCU of some of the devices](devices.svg)",
    "",
  ];
}

/** The page after its tables. */
export const closing: readonly string[] = [
  "## What a data sheet does not say",
  "",
  "- **What is sustained.** Its rates are units times clock. Under a long matrix product the clock falls to what power and cooling allow:",
  "  most of all in laptops, whose makers choose the power limit, in large chips, and in processors under wide vectors. A card with power",
  "  to spare may also run above its stated clock.",
  "- **What an engine reaches.** WebGPU does not reach tensor units today: we expect 4 to 5 SCU of a 4090 in that class. The `wasm` engine",
  "  has 128-bit vectors and no fused multiply-add: at most half of a processor's rate here. And TF32 counts only where an engine may use",
  "  it: an A100 does 156 TFLOP/s of TF32, but 19.5 of plain FP32.",
  "- **What the owner lends.** A share, other programs, a battery and a warm room all take their part.",
  "- **What two instructions at once are worth.** RDNA 3 and 4 count them in FP32, and most code does not manage it.",
  "- **Which device it is.** Cards of one name differ in clock, power limit and memory; the figures are of the vendor's reference.",
  "",
  "So a measured figure replaces a data sheet's wherever there is one. Add it in `packages/core/src/units/devices/measured.ts`, with a page",
  "under `docs/measurements/` that says how it was measured, and run `npm run devices`.",
  "",
  "## Left out",
  "",
  "- TPUs and Trainium: their public figures are of BF16 and INT8; none is of an FP32-class matrix product.",
  "- Apple M3 Ultra, M4 and later: Apple publishes no TFLOP/s, and reports of their clocks disagree.",
  "- GPUs inside processors, phones, and cards whose figures we could not trace to their vendor.",
];
