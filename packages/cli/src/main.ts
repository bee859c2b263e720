import { CommanderError } from "commander";
import { exitCodeOf, exitCodes } from "./exit-codes.js";
import { createProgram } from "./program.js";
import { createOutput } from "./terminal/output.js";

const program = await createProgram(process.argv[2]);
for (const command of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) {
  command.exitOverride();
}
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage; // commander has said what is wrong
  } else {
    createOutput(process.argv.includes("--json")).error(error);
    process.exitCode = exitCodeOf(error);
  }
}
