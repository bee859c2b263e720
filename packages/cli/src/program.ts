import { Command } from "commander";

/** Each command, loaded when it is wanted: the packages behind all of them take a third longer than those behind one. */
const commands: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  demo: async () => (await import("./commands/demo.js")).addDemoCommand,
  pool: async () => (await import("./commands/pool.js")).addPoolCommand,
  agent: async () => (await import("./commands/agent.js")).addAgentCommand,
  run: async () => (await import("./commands/run.js")).addRunCommand,
  audit: async () => (await import("./commands/audit.js")).addAuditCommand,
  job: async () => (await import("./commands/job.js")).addJobCommand,
  release: async () => (await import("./commands/release.js")).addReleaseCommand,
  account: async () => (await import("./commands/account.js")).addAccountCommand,
  federate: async () => (await import("./commands/federate.js")).addFederateCommand,
  receipt: async () => (await import("./commands/receipt.js")).addReceiptCommand,
  certify: async () => (await import("./commands/certify.js")).addCertifyCommand,
  certificate: async () => (await import("./commands/certificate.js")).addCertificateCommand,
  keys: async () => (await import("./commands/keys.js")).addKeysCommand,
  bond: async () => (await import("./commands/bond.js")).addBondCommand,
  payout: async () => (await import("./commands/payout.js")).addPayoutCommand,
  admin: async () => (await import("./commands/admin.js")).addAdminCommand,
  earnings: async () => (await import("./commands/earnings.js")).addEarningsCommand,
  epoch: async () => (await import("./commands/epoch.js")).addEpochCommand,
  settle: async () => (await import("./commands/settle.js")).addSettleCommand,
  claim: async () => (await import("./commands/claim.js")).addClaimCommand,
  price: async () => (await import("./commands/price.js")).addPriceCommand,
  benchmark: async () => (await import("./commands/benchmark.js")).addBenchmarkCommand,
  canary: async () => (await import("./commands/canary.js")).addCanaryCommand,
  simulate: async () => (await import("./commands/simulate.js")).addSimulateCommand,
  doctor: async () => (await import("./commands/doctor.js")).addDoctorCommand,
};

/** The command line with the command that is named, or the whole of it where none is. */
export async function createProgram(named = ""): Promise<Command> {
  const program = new Command("aegis")
    .description("Aegis Pool: an open market for AI computing power")
    .version("0.1.0")
    .showHelpAfterError("Run it with --help to see what it takes.")
    .addHelpText(
      "after",
      "\nExample:\n  $ aegis demo\n\nExit codes: 0 done, 1 failed, 2 usage, 3 pool or chain unreachable, 4 not genuine, 5 budget or deadline, 130 Ctrl-C",
    );
  const names = Object.hasOwn(commands, named) ? [named] : Object.keys(commands);
  const added = await Promise.all(names.map(async (name) => commands[name]?.()));
  for (const add of added) add?.(program);
  return program;
}
