import { pictureOfPanels } from "../picture/panels.js";
import { type EconomicsOutcome, emissionYears, overHonest, utilisations } from "./study.js";

/** The study as SVG: what is earned and issued, and what attacks bring over honest work. */
export function economicsPicture(outcome: EconomicsOutcome): string {
  const { devices, months, emission } = outcome;
  const drawn = devices.filter((_, index) => index % 2 === 0 || index === devices.length - 1);
  return pictureOfPanels("Simulated outcomes of stated assumptions: what is earned, issued and gained by attacks", [
    {
      title: "AIS a month by device",
      subtitle: "by utilisation; dashed: 50 and 80",
      lines: drawn.map(({ device, ais }) => ({
        name: short(device),
        values: ais,
      })),
      ...{ most: 120, marks: 6, bounds: [50, 80] },
      xLabel: `utilisation: ${utilisations.map((part) => `${100 * part}%`).join(", ")}`,
    },
    {
      title: "Months of a pool whose AIS price and demand move",
      subtitle: "percent; of the RTX 4090: AIS a month",
      lines: [
        { name: "pool runs", values: months.map(({ utilisation }) => 100 * utilisation) },
        { name: "institution/year", values: months.map(({ institution }) => 100 * institution.returnOnBond) },
        { name: "RTX 4090 AIS", values: months.map(({ rtx4090 }) => rtx4090.ais) },
      ],
      ...{ most: 100, marks: 5, xLabel: `months: 1 to ${months.length}` },
    },
    {
      title: "Emission left",
      subtitle: "millions of AIS, by SCU in the pool",
      lines: emission.map(({ poolScu, leftAis }) => ({
        name: `${poolScu.toLocaleString("en-US")} SCU`,
        values: [20, ...leftAis.map((left) => left / 1e6)],
      })),
      ...{ most: 20, marks: 4, xLabel: `years: 0 to ${emissionYears}` },
    },
    {
      title: "Attacks: AIS a month over honest work",
      subtitle: "of a card, the same hardware, electricity and bond",
      bars: outcome.attacks.map((each) => ({ name: each.attack.name, value: overHonest(each) })),
    },
  ]);
}

/** Without the maker's words that are alike. */
function short(device: string): string {
  return device.replace(/^(NVIDIA GeForce|AMD Radeon) /, "");
}
