import { AegisError, defaultPrices, type KnownDevice } from "@aegis-pool/core";
import { PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { estimateOf, estimateText, type WorkPrice } from "../earnings/estimate.js";
import { type LentFlags, readLent } from "../earnings/lent.js";
import { defaultPool } from "../home.js";
import { createOutput } from "../terminal/output.js";

interface EstimateFlags extends LentFlags {
  readonly pool?: string;
  readonly poolKey?: string;
  readonly json?: boolean;
}

export function addEstimateCommand(earnings: Command): void {
  earnings
    .command("estimate")
    .description("What a device may earn in a month, from stated assumptions: no promise")
    .requiredOption("--device <name>", 'a device of docs/devices.md, such as "RTX 4090"')
    .option("--share <part>", 'how much of it is lent, such as 50% or "gpu=0:50%"', "100%")
    .option("--hours <ranges>", 'hours of the day in which it is lent, such as "22-8"', "0-24")
    .option("--electricity <price>", "what a kWh costs, in any currency, such as 0.30")
    .option(
      "--pool <url>",
      "take the price of the last leases from this pool (or AEGIS_POOL; one here, if there is one)",
    )
    .option("--pool-key <hex>", "refuse any pool but the one with this key")
    .option("--json", "as JSON; amounts are in nAIS")
    .addHelpText(
      "after",
      '\nExample:\n  $ aegis earnings estimate --device "RTX 4090" --share 50% --hours 22-8 --electricity 0.30',
    )
    .action(estimate);
}

async function estimate(flags: EstimateFlags): Promise<void> {
  const lent = readLent(flags);
  const result = estimateOf(lent, await priceOf(lent.device, flags));
  createOutput(flags.json === true).result(result, estimateText(result));
}

/** What the last leases of the device's class cost; the default where no pool is there that was not asked for, or nothing has been leased. */
async function priceOf({ ratingClass }: KnownDevice, { pool, poolKey }: EstimateFlags): Promise<WorkPrice> {
  const url = pool ?? defaultPool();
  const usual = Number(defaultPrices.floor);
  try {
    const client = await PoolClient.connect(url, poolKey);
    // cards are lent by WebGPU as long as a pool has none of class cuda
    const classes = ratingClass === "cpu" ? ["cpu"] : ["cuda", "webgpu"];
    const books = await client.orderBooks();
    const last = classes.map((name) => books.find((book) => book.class === name)?.last).find((each) => each);
    if (last) return { price: last.median, from: `the median of the last ${last.count} leases at ${url}` };
    return { price: usual, from: `the default, since nothing like it has been leased at ${url} yet` };
  } catch (error) {
    const isAway = error instanceof AegisError && error.code === "pool-unreachable";
    if (!isAway || pool !== undefined) throw error;
    return { price: usual, from: `the default, since no pool answers at ${url}` };
  }
}
