import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type StudyCommand, wholeNumber } from "../command.js";
import { economicsPicture } from "./picture.js";
import { pricesPerScu } from "./prices.js";
import { studyEconomics } from "./study.js";
import { economicsLines } from "./text.js";

const dataFolder = process.env["AEGIS_DATA"] ?? "../shared/data";

/** `npm run simulate -- economics`. */
export const economicsCommand: StudyCommand = {
  name: "economics",
  usage: `economics [--seed N] [--months N] [--days N] [--json] [--picture]

    What owners earn, what is issued, what requesters pay and what attacks on the rewards bring, by the pool's own rules:
    simulated outcomes of stated assumptions, no promise.

    --seed     a whole number that decides everything; 1 by default
    --months   months of the whole pool, 1 or more; 6 by default
    --days     epochs of a day for everything else, 1 or more; 10 by default
    --json     one JSON object instead of tables
    --picture  by npm run simulate: also draws docs/measurements/economics.svg

    Example: aegis simulate economics --months 1 --days 2`,
  async run(args, { print, note }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string", default: "1" },
        months: { type: "string", default: "6" },
        days: { type: "string", default: "10" },
        json: { type: "boolean", default: false },
        picture: { type: "boolean", default: false },
      },
    });
    const options = {
      seed: wholeNumber("--seed", values.seed),
      months: wholeNumber("--months", values.months, 1),
      days: wholeNumber("--days", values.days, 1),
    };
    const prices = pricesPerScu(await marketPrices(note));
    const outcome = studyEconomics(options, note);
    print(
      values.json ? JSON.stringify({ ...options, ...outcome, prices }) : economicsLines(outcome, prices).join("\n"),
    );
    return values.picture ? economicsPicture(outcome) : undefined;
  },
};

/** What marketplaces asked, where the file is here. */
async function marketPrices(note: (line: string) => void): Promise<string | undefined> {
  const file = join(dataFolder, "devices", "market_prices.csv");
  try {
    return await readFile(file, "utf8");
  } catch {
    note(`marketplaces' prices are left out: there is no ${file}; set AEGIS_DATA to the folder that holds devices/`);
    return undefined;
  }
}
