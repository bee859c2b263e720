import { deviceNamed, ratingOfDevice } from "@aegis-pool/core";
import { type CloudPrice, listPrices } from "./assumptions.js";

/** A price beside the unit. */
export interface PricePerScu extends CloudPrice {
  /** By data sheet. */
  readonly scu: number;
  readonly usdPerScuHour: number;
}

/** Other names of devices of the table. */
const names: Readonly<Record<string, string>> = {
  H200: "NVIDIA H200 SXM",
  B200: "NVIDIA B200 SXM",
  "A100 SXM4 40GB": "NVIDIA A100 40GB SXM",
  "A100 PCIE 80GB": "NVIDIA A100 80GB PCIe",
  "A100 PCIe 80GB": "NVIDIA A100 80GB PCIe",
};

/** Prices that are known without a file, then those of `csv`, the cheapest of each provider and device that the table knows. */
export function pricesPerScu(csv: string | undefined): PricePerScu[] {
  const cheapest = new Map<string, CloudPrice>();
  for (const price of csv === undefined ? [] : readPrices(csv)) {
    const key = `${price.provider}, ${price.device}`;
    if (price.usdPerGpuHour < (cheapest.get(key)?.usdPerGpuHour ?? Infinity)) cheapest.set(key, price);
  }
  return [...listPrices, ...cheapest.values()].flatMap((price) => {
    const device = deviceNamed(price.device);
    if (!device) return [];
    const scu = ratingOfDevice(device) / 1e6;
    return [{ ...price, device: device.name, scu, usdPerScuHour: price.usdPerGpuHour / scu }];
  });
}

/** Rows of `provider,gpu,gpu_memory_gib,count,price_usd_per_hour,price_usd_per_gpu_hour,source_path`; those without a GPU are left out. */
function readPrices(csv: string): CloudPrice[] {
  return csv
    .trim()
    .split("\n")
    .slice(1)
    .flatMap((line) => {
      const [provider = "", gpu = "", , , , perGpu = "", source = ""] = line.split(",");
      if (perGpu === "") return [];
      return [{ provider, device: names[gpu] ?? gpu, usdPerGpuHour: Number(perGpu), source }];
    });
}
