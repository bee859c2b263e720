import { expect, test } from "vitest";
import { createProgram } from "../src/program.js";

const program = createProgram();
const commands = program.commands.flatMap((command) => (command.commands.length > 0 ? command.commands : [command]));
const nameOf = (command: (typeof commands)[number]): string =>
  command.parent && command.parent !== program ? `${command.parent.name()} ${command.name()}` : command.name();

test.each(commands.map((command) => [nameOf(command), command] as const))(
  "aegis %s --help shows an example",
  (name, command) => {
    let shown = "";
    command.configureOutput({ writeOut: (text) => (shown += text) });
    command.outputHelp();
    expect(shown).toContain(`$ aegis ${name}`);
  },
);

test("every command but those that only print can answer in JSON", () => {
  const without = commands.filter(({ options }) => !options.some(({ long }) => long === "--json")).map(nameOf);
  expect(without).toEqual([]);
});
