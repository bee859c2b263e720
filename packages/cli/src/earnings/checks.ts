import type { CheckLine } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

const words: Readonly<Record<CheckLine["verdict"], string>> = {
  passed: "right: others gave the same result",
  confirmed: "right: it looked after another's result",
  disproved: "WRONG: others agreed on another result; trust begins anew",
  nondeterministic: "the program gives different results: nobody's fault",
  silent: "it did not show its result in time; trust begins anew",
  abandoned: "nothing came of it",
};

/** What came of checks of an operator's agents' results, a row each. */
export function checksTable(lines: readonly CheckLine[]): string {
  if (lines.length === 0) return "None of your agents' results has been checked yet.";
  return table(
    [
      { title: "when (UTC)" },
      { title: "agent" },
      { title: "engine" },
      { title: "task", align: "right" },
      { title: "operators", align: "right" },
      { title: "valid in a row", align: "right" },
      { title: "what came of it" },
    ],
    lines.map(({ at, agent, engine, number, runs, valid, verdict }) => [
      new Date(at).toISOString().slice(0, 19).replace("T", " "),
      agent.slice(0, 16),
      engine,
      `${number}`,
      `${runs}`,
      `${valid}`,
      words[verdict],
    ]),
  );
}
