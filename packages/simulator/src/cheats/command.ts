import { parseArgs } from "node:util";
import { type StudyCommand, wholeNumber } from "../command.js";
import { pictureOf } from "./picture.js";
import { scenarios, study } from "./study.js";
import { linesOf } from "./text.js";

/** Scenarios in the picture: the last ones are about what cannot happen as far as we know. */
const shown = 6;

/** `npm run simulate -- cheats`. */
export const cheatsCommand: StudyCommand = {
  name: "cheats",
  usage: `cheats [--seed N] [--tasks N] [--json] [--picture]

    What cheats of many kinds gain where a fifth of all agents cheats, by the pool's own rules of verification.

    --seed     a whole number that decides everything; 1 by default
    --tasks    tasks in each scenario, 1,000 or more; 1,000,000 by default
    --json     one JSON object per scenario instead of tables
    --picture  by npm run simulate: also draws docs/measurements/cheats.svg

    Example: aegis simulate cheats --tasks 100000`,
  run(args, { print }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string", default: "1" },
        tasks: { type: "string", default: "1000000" },
        json: { type: "boolean", default: false },
        picture: { type: "boolean", default: false },
      },
    });
    const call = {
      seed: wholeNumber("--seed", values.seed),
      tasks: wholeNumber("--tasks", values.tasks, 1_000),
    };
    const outcomes = scenarios.map((scenario) => {
      const outcome = study(scenario, call);
      print(values.json ? JSON.stringify(outcome) : `${linesOf(outcome).join("\n")}\n`);
      return outcome;
    });
    return Promise.resolve(values.picture ? pictureOf(outcomes.slice(0, shown)) : undefined);
  },
};
