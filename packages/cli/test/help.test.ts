import { expect, test } from "vitest";
import { createProgram } from "../src/program.js";

const program = await createProgram();
/** A group only lists its commands, but for `aegis agent`, which starts one. */
const commands = program.commands.flatMap((command) => [
  ...command.commands,
  ...(command.commands.length === 0 || command.name() === "agent" ? [command] : []),
]);
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

test("a command that is named is loaded without the others, and any other word loads all", async () => {
  const { commands: loaded } = await createProgram("receipt");
  expect(loaded.map((command) => command.name())).toEqual(["receipt"]);
  for (const word of ["recieve", "toString", "--help"]) {
    expect((await createProgram(word)).commands).toHaveLength(program.commands.length);
  }
});
