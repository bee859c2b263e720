import { availableParallelism, cpus, freemem, totalmem } from "node:os";
import { createEngines, probeAttestation, probeSandbox } from "@aegis-pool/agent";
import { formatBytes } from "@aegis-pool/core";
import type { Command } from "commander";
import { bold, createOutput } from "../terminal/output.js";

export function addDoctorCommand(program: Command): void {
  program
    .command("doctor")
    .description("What this machine can lend, what it lacks, and how to get it")
    .option("--json", "as JSON")
    .addHelpText("after", "\nExample:\n  $ aegis doctor")
    .action(examine);
}

async function examine(flags: { readonly json?: boolean }): Promise<void> {
  const parts = [...(await probeSandbox()), await probeAttestation()];
  const engines = await createEngines({ prewarm: 0 });
  const { offered, missing } = engines;
  await engines.close();
  const machine = {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    freeBytes: freemem(),
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  };
  const lines = [
    `${bold("This machine")}: ${machine.cores} cores (${machine.processor}), ${formatBytes(machine.memoryBytes)} of memory, ${machine.platform}, Node.js ${machine.node}`,
    bold("Engines"),
    ...offered.map(({ engine, walls, device }) => {
      const on = device === undefined ? "" : `on ${device}, `;
      return `  ✓ ${engine.padEnd(11)} ${on}behind ${walls.join(", ")}`;
    }),
    ...missing.map(({ engine, why, howToGet }) => `  ✗ ${engine.padEnd(11)} ${why}. To get it: ${howToGet}.`),
    bold("Walls and limits"),
    ...parts.map(({ name, available, detail, howToGet }) =>
      available ? `  ✓ ${name.padEnd(11)} ${detail}` : `  ✗ ${name.padEnd(11)} ${detail}. To get it: ${howToGet}.`,
    ),
    `Lend it: aegis agent --pool URL --share "cpu=50%,memory=${Math.max(1, Math.floor(machine.memoryBytes / 2 / 1024 ** 3))}GiB"`,
  ];
  createOutput(flags.json === true).result({ machine, offered, missing, parts }, lines.join("\n"));
}
