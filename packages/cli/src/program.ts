import { Command } from "commander";
import { addAgentCommand } from "./commands/agent.js";
import { addAuditCommand } from "./commands/audit.js";
import { addBenchmarkCommand } from "./commands/benchmark.js";
import { addCanaryCommand } from "./commands/canary.js";
import { addDemoCommand } from "./commands/demo.js";
import { addDoctorCommand } from "./commands/doctor.js";
import { addJobCommand } from "./commands/job.js";
import { addKeysCommand } from "./commands/keys.js";
import { addPoolCommand } from "./commands/pool.js";
import { addReceiptCommand } from "./commands/receipt.js";
import { addReleaseCommand } from "./commands/release.js";
import { addRunCommand } from "./commands/run.js";

/** The whole command line. */
export function createProgram(): Command {
  const program = new Command("aegis")
    .description("Aegis Pool: an open market for AI computing power")
    .version("0.1.0")
    .showHelpAfterError("Run it with --help to see what it takes.")
    .addHelpText(
      "after",
      "\nExample:\n  $ aegis demo\n\nExit codes: 0 done, 1 failed, 2 usage, 3 pool unreachable, 4 not genuine, 5 budget or deadline, 130 Ctrl-C",
    );
  for (const add of [
    addDemoCommand,
    addPoolCommand,
    addAgentCommand,
    addRunCommand,
    addAuditCommand,
    addJobCommand,
    addReleaseCommand,
    addReceiptCommand,
    addKeysCommand,
    addBenchmarkCommand,
    addCanaryCommand,
    addDoctorCommand,
  ]) {
    add(program);
  }
  return program;
}
