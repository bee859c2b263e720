import { defaultPrices, type OrderBook, suggestPrices } from "@aegis-pool/core";
import { PoolClient } from "@aegis-pool/sdk";
import type { Command } from "commander";
import { createOutput } from "../terminal/output.js";
import { table } from "../terminal/table.js";
import { addPoolOptions, type PoolFlags } from "./shared-options.js";

interface PriceFlags extends PoolFlags {
  readonly json?: boolean;
}

const usual = { floor: Number(defaultPrices.floor), top: Number(defaultPrices.top) };
/** Lines that are shown of each side. */
const shown = 5;

export function addPriceCommand(program: Command): void {
  addPoolOptions(program.command("price"))
    .description("What computing power costs now, and what to ask or to bid for it")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis price --pool http://127.0.0.1:7700")
    .action(show);
}

async function show({ pool, poolKey, json }: PriceFlags): Promise<void> {
  const client = await PoolClient.connect(pool, poolKey);
  const books = (await client.orderBooks()).map((book) => ({ ...book, suggested: suggestPrices(book, usual) }));
  createOutput(json === true).result({ books }, books.map(describe).join("\n\n"));
}

function describe(book: OrderBook & { class: string; suggested: { floor: number; top: number } }): string {
  const { offers, bids, last, suggested } = book;
  const rows = Array.from({ length: Math.min(shown, Math.max(offers.length, bids.length)) }, (_, index) => [
    ...cells(bids[index]),
    ...cells(offers[index]),
  ]);
  const columns = ["tasks wait", "top price", "slots free", "floor"].map((title) => ({
    title,
    align: "right" as const,
  }));
  const past = last
    ? `the last ${last.count} leases cost ${last.median} nAIS at the median, nine in ten at most ${last.high}`
    : "nothing has been leased yet";
  return [
    `${book.class}, in nAIS per SCU-second: ${past}`,
    ...(rows.length > 0 ? [table(columns, rows)] : ["  no task waits, and no slot is free"]),
    `  to lend: --floor-price "${suggested.floor} nAIS"   to run: --max-price "${suggested.top} nAIS"`,
  ].join("\n");
}

function cells(level: OrderBook["bids"][number] | undefined): [string, string] {
  return level ? [String(level.count), String(level.price)] : ["", ""];
}
