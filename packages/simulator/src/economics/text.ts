import { defaultPrices } from "@aegis-pool/core";
import { assumptions } from "./assumptions.js";
import type { PricePerScu } from "./prices.js";
import { aisPricesUsd, type EconomicsOutcome, hardwarePricesUsd, overHonest, percent, utilisations } from "./study.js";

type Row = readonly string[];

/** Everything in words and tables, a line each. */
export function economicsLines(outcome: EconomicsOutcome, prices: readonly PricePerScu[]): string[] {
  return [
    "Simulated outcomes of stated assumptions (economics/assumptions.ts): no promise of any income, price or demand.",
    ...section("Months of the whole pool", monthRows(outcome)),
    ...section("AIS a month by device and utilisation, among individuals, no complex work", deviceRows(outcome)),
    ...section("The institution, a quarter of its work complex: a year's return", institutionRows(outcome)),
    ...section("Emission left at the end of each year, in millions of AIS, by SCU in the pool", emissionRows(outcome)),
    ...section("What computing costs a requester, USD", priceRows(prices)),
    ...section("One assumption changed", sensitivityRows(outcome)),
    ...section(
      `Attacks: AIS a month of a card after electricity (${assumptions.electricityUsdPerKwh} USD/kWh, ${assumptions.aisUsd} USD/AIS)`,
      attackRows(outcome),
    ),
  ];
}

function section(title: string, rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
  return ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

function monthRows({ months }: EconomicsOutcome): Row[] {
  return [
    [
      "month",
      "USD/AIS",
      "reference",
      "pool runs",
      "issued AIS",
      "of budget",
      "USD/SCU-hour",
      "RTX 4090 AIS",
      "runs",
      "institution/year",
      "runs",
    ],
    ...months.map((month) => [
      `${month.month}`,
      month.aisUsd.toFixed(2),
      `${month.reference}`,
      percent(month.utilisation),
      month.issuedAis.toFixed(0),
      `${((100 * month.issuedAis) / month.budgetAis).toFixed(2)}%`,
      month.usdPerScuHour.toFixed(4),
      month.rtx4090.ais.toFixed(1),
      percent(month.rtx4090.utilisation),
      `${(100 * month.institution.returnOnBond).toFixed(1)}%`,
      percent(month.institution.utilisation),
    ]),
  ];
}

function deviceRows({ devices }: EconomicsOutcome): Row[] {
  return [
    ["device", ...utilisations.map((part) => percent(part)), "work pays its electricity above"],
    ...devices.map(({ device, ais, breakEvenUsd }) => [
      device,
      ...ais.map((each) => each.toFixed(1)),
      `${breakEvenUsd.toFixed(2)} USD/AIS`,
    ]),
  ];
}

function institutionRows({ institution }: EconomicsOutcome): Row[] {
  return [
    [
      "utilisation",
      "on bond",
      ...aisPricesUsd.flatMap((ais) => hardwarePricesUsd.map((usd) => `${ais} USD/AIS, ${usd / 1_000}k`)),
    ],
    ...institution.map(({ utilisation, returnOnBond, returnOnHardware }) => [
      percent(utilisation),
      `${(100 * returnOnBond).toFixed(1)}%`,
      ...returnOnHardware.flat().map((part) => percent(part)),
    ]),
  ];
}

function emissionRows({ emission }: EconomicsOutcome): Row[] {
  const years = emission[0]?.leftAis.map((_, year) => `year ${year + 1}`) ?? [];
  return [
    ["SCU", ...years],
    ...emission.map(({ poolScu, leftAis }) => [
      poolScu.toLocaleString("en-US"),
      ...leftAis.map((left) => (left / 1e6).toFixed(2)),
    ]),
  ];
}

function priceRows(prices: readonly PricePerScu[]): Row[] {
  const aisPerScuHour = Number(defaultPrices.floor) * 3_600e-9;
  return [
    ["who", "device", "SCU", "USD/GPU-hour", "USD/SCU-hour", "an RTX 4090's hour of it"],
    ...aisPricesUsd.map((aisUsd) => priceRow(`this pool at ${aisUsd} USD/AIS`, "any", 1, aisPerScuHour * aisUsd)),
    ...prices.map(({ provider, device, scu, usdPerGpuHour }) => priceRow(provider, device, scu, usdPerGpuHour)),
  ];
}

const rtx4090Scu = 10.2;

function priceRow(who: string, device: string, scu: number, usdPerHour: number): Row {
  const perScu = usdPerHour / scu;
  return [who, device, scu.toFixed(1), usdPerHour.toFixed(3), perScu.toFixed(4), (perScu * rtx4090Scu).toFixed(3)];
}

function sensitivityRows({ sensitivity }: EconomicsOutcome): Row[] {
  return [
    ["condition", "RTX 4090, AIS/month", "institution/year on bond"],
    ...sensitivity.map(({ what, rtx4090Ais, institutionReturn }) => [
      what,
      rtx4090Ais.toFixed(1),
      institutionReturn === undefined ? "" : `${(100 * institutionReturn).toFixed(1)}%`,
    ]),
  ];
}

function attackRows({ attacks }: EconomicsOutcome): Row[] {
  return [
    ["attack", "profit", "honest", "over honest", "runs for others", "reference at the end"],
    ...attacks.map((outcome) => [
      `${outcome.attack.name}: ${outcome.attack.summary}`,
      outcome.profitAis.toFixed(2),
      outcome.honestAis.toFixed(2),
      overHonest(outcome).toFixed(2),
      percent(outcome.utilisation),
      `${outcome.reference}`,
    ]),
  ];
}
