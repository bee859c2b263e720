import type { Command } from "commander";

interface StudyFlags {
  readonly seed?: string;
  readonly months?: string;
  readonly days?: string;
  readonly tasks?: string;
  readonly json?: boolean;
}

export function addSimulateCommand(program: Command): void {
  const simulate = program
    .command("simulate")
    .description("Play a pool by its own rules: simulated outcomes of stated assumptions, no promise");
  addStudyOptions(simulate.command("economics"))
    .description("What owners earn, what is issued, what requesters pay, and what attacks on the rewards bring")
    .option("--months <number>", "months of the whole pool (default 6)")
    .option("--days <number>", "epochs of a day for everything else (default 10)")
    .addHelpText("after", "\nExample:\n  $ aegis simulate economics --months 1 --days 2")
    .action((flags: StudyFlags) => play("economics", flags));
  addStudyOptions(simulate.command("cheats"))
    .description("What cheats gain, what checking costs, and whether honest agents are ever punished")
    .option("--tasks <number>", "tasks of each scenario (default 1000000)")
    .addHelpText("after", "\nExample:\n  $ aegis simulate cheats --tasks 20000")
    .action((flags: StudyFlags) => play("cheats", flags));
}

function addStudyOptions(command: Command): Command {
  return command
    .option("--seed <number>", "decides everything that is left to chance (default 1)")
    .option("--json", "as JSON");
}

async function play(study: string, { json, ...values }: StudyFlags): Promise<void> {
  const { runStudy } = await import("@aegis-pool/simulator");
  const options = Object.entries(values).flatMap(([name, value]) => [`--${name}`, value]);
  process.exitCode = await runStudy([study, ...options, ...(json ? ["--json"] : [])]);
}
