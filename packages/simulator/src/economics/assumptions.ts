import { defaultPrices } from "@aegis-pool/core";

/** One kind of device of the individuals' part of the pool. */
export interface DeviceShare {
  /** Its name in the table of devices, whose data sheet gives its SCU and its watts. */
  readonly device: string;
  readonly count: number;
  /** What such a device costs, in USD: an assumption, near what it sold for new; only the return on hardware depends on it. */
  readonly hardwareUsd: number;
}

/**
 * Everything that the study of economics assumes. What comes out are simulated outcomes of these: nobody promises that AIS have a price, that there is demand,
 * or that electricity costs this. Rules, prices by default, fee and tiers are not here: they are core's own.
 */
export const assumptions = {
  /** USD for an AIS where the price stands still. No market has set one: below `breakEvenUsd` of a device nobody should work with it. */
  aisUsd: 2,
  /** USD for a kWh: between what households pay in the USA (about 0.17) and in Germany (about 0.40). */
  electricityUsdPerKwh: 0.25,
  /** What a device draws while it waits, as a part of its board power (an RTX 4090 idles at 20 to 40 W). */
  idlePart: 0.08,
  /** What the machine around an individual's device draws because it is lent, in W. */
  hostWatts: 40,
  /** The same for each of an institution's devices: an eighth of a server's processors, fans and losses of the building. */
  institutionHostWatts: 200,
  /** The part of the time that proofs of speed take, at full load: what an agent grants them at most. */
  proofPart: 0.019,
  /** The part of the time in which an individual's and an institution's agent is connected: `q`. */
  onlinePart: { individual: 0.97, institution: 0.99 },
  /** Work of a plain task and of a complex one, in SCU-seconds, evenly spread between both; each is allowed twice its work. */
  plainWork: [500, 1_700],
  complexWork: [2_000, 12_000],
  /** What tasks need of a device's memory, in GiB, each as often as the others: all of the mix have 8 at least. */
  taskMemoryGiB: [1, 2, 4, 8],
  /** The part of an institution's work that is complex. */
  complexPart: 0.25,
  /** Requesters' top prices where they stand still, in nAIS per SCU-second. */
  topPrice: Number(defaultPrices.top),
  /** What requesters would pay where the AIS price moves, in USD per SCU-hour, evenly spread: up to what an RTX 4090 costs at a marketplace. */
  willingUsdPerScuHour: [0.015, 0.045],
  /** Of each day: how far the AIS price and demand move (standard deviation of the logarithm), and how strongly demand returns to its mean. */
  aisPriceDailyMove: 0.03,
  demandDailyMove: 0.05,
  demandReturn: 0.05,
  /** Work that is asked for on average, as a part of what the pool could do. */
  demand: 0.65,
  /** Who ran less than the first part of yesterday lowers its floor by a step, who ran more than the second raises it. */
  repricing: { below: 0.4, above: 0.8, step: 0.03 },
} as const;

/** The individuals' machines: a mix of cards that people own. */
export const individualMix: readonly DeviceShare[] = [
  { device: "NVIDIA GeForce RTX 3060", count: 12, hardwareUsd: 280 },
  { device: "NVIDIA GeForce RTX 4060", count: 10, hardwareUsd: 300 },
  { device: "NVIDIA GeForce RTX 3080", count: 6, hardwareUsd: 450 },
  { device: "NVIDIA GeForce RTX 4070 SUPER", count: 8, hardwareUsd: 600 },
  { device: "NVIDIA GeForce RTX 3090", count: 8, hardwareUsd: 800 },
  { device: "AMD Radeon RX 7900 XTX", count: 4, hardwareUsd: 900 },
  { device: "NVIDIA GeForce RTX 4090", count: 8, hardwareUsd: 1_800 },
  { device: "NVIDIA GeForce RTX 5090", count: 3, hardwareUsd: 2_600 },
];

/** The institution: seven servers of eight, 1,108 SCU; the price is that of a device with its part of a server. */
export const institutionMix: DeviceShare = { device: "NVIDIA A100 80GB SXM", count: 56, hardwareUsd: 12_000 };

/** A cloud's price for one GPU. */
export interface CloudPrice {
  readonly provider: string;
  /** Its name in the table of devices. */
  readonly device: string;
  readonly usdPerGpuHour: number;
  readonly source: string;
}

/**
 * AWS was not asked itself. Its Price List API for AmazonSageMaker in us-west-2, effective 2026-09-01, gives 1.41, 25.251286 and 63.296 USD as a public repository
 * copied it; other copies have 1.408 for the first. The second and third are 1.15 times EC2's prices in us-east-1 of 2026-11-09 (21.957642 and 55.04 in
 * github.com/datareceipts/data-receipts, 109-gpu-pricing/hyperscalers.json) to within a hundred-thousandth.
 */
const source = "AWS Price List API, AmazonSageMaker, us-west-2, effective 2026-09-01, by a public copy";

/** List prices that are known without any file. */
export const listPrices: readonly CloudPrice[] = [
  { provider: "SageMaker ml.g5.xlarge", device: "NVIDIA A10", usdPerGpuHour: 1.408, source },
  {
    provider: "SageMaker ml.p4d.24xlarge",
    device: "NVIDIA A100 40GB SXM",
    usdPerGpuHour: 25.251286 / 8,
    source,
  },
  {
    provider: "SageMaker ml.p5.48xlarge",
    device: "NVIDIA H100 SXM",
    usdPerGpuHour: 63.296 / 8,
    source,
  },
];
