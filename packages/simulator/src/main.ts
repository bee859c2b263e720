import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pictureOf } from "./cheats/picture.js";
import { scenarios, study } from "./cheats/study.js";
import { linesOf } from "./cheats/text.js";

const usage = `Usage: npm run simulate -- cheats [--seed N] [--tasks N] [--json] [--picture]

  What cheats of many kinds gain where a fifth of all agents cheats, by the pool's own rules of verification.

  --seed     a whole number that decides everything; 1 by default
  --tasks    tasks in each scenario, 1,000 or more; 1,000,000 by default
  --json     one JSON object per scenario instead of tables
  --picture  also draws docs/measurements/cheats.svg

  Example: npm run simulate -- cheats --tasks 100000
`;

const badCall = 2;
/** Scenarios in the picture: the last ones are about what cannot happen as far as we know. */
const shown = 6;
const picture = new URL("../../../docs/measurements/cheats.svg", import.meta.url);

await main();

async function main(): Promise<void> {
  const call = parseCall();
  if (typeof call === "string") {
    process.stderr.write(call);
    process.exitCode = badCall;
    return;
  }
  const outcomes = scenarios.map((scenario) => {
    const outcome = study(scenario, call);
    process.stdout.write(call.json ? `${JSON.stringify(outcome)}\n` : `${linesOf(outcome).join("\n")}\n\n`);
    return outcome;
  });
  if (!call.picture) return;
  await writeFile(picture, pictureOf(outcomes.slice(0, shown)));
  process.stderr.write(`written: ${fileURLToPath(picture)}\n`);
}

interface Call {
  readonly seed: number;
  readonly tasks: number;
  readonly json: boolean;
  readonly picture: boolean;
}

/** What is asked for, or what to say about it. */
function parseCall(): Call | string {
  try {
    const { values, positionals } = parseArgs({
      options: {
        seed: { type: "string", default: "1" },
        tasks: { type: "string", default: "1000000" },
        json: { type: "boolean", default: false },
        picture: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    const [seed, tasks] = [Number(values.seed), Number(values.tasks)];
    if (positionals.join(" ") !== "cheats") return usage;
    if (!Number.isSafeInteger(seed)) return `--seed ${values.seed} is no whole number.\n\n${usage}`;
    if (!Number.isSafeInteger(tasks) || tasks < 1_000)
      return `--tasks ${values.tasks} is not 1,000 or more.\n\n${usage}`;
    return { seed, tasks, json: values.json, picture: values.picture };
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}
