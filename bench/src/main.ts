import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import type { Benchmark } from "./benchmark.js";
import { cleanUpOnSignals } from "./cleanups.js";
import { benchmarks } from "./registry.js";
import { writeReadmeTable } from "./report/readme.js";
import { reportOn, toTable } from "./report/report.js";

const usage = `Usage: npm run bench -- NAME [--json] [--long] [--seed N]

  NAME    one of the benchmarks below, "list", "all", or "readme" (writes README's table from docs/measurements)
  --json  print one JSON object per benchmark, the last line of its output
  --long  more rounds: minutes instead of one
  --seed  a whole number that decides what is left to chance; by default another each time
`;

/** Exit code of a call that cannot be understood. */
const badCall = 2;

await main();

async function main(): Promise<void> {
  const call = parseCall();
  if (typeof call === "string") return complain(call);
  if (call.name === "list") return print(list());
  if (call.name === "readme") return print(`written: ${await writeReadmeTable()}`);
  const chosen = benchmarks.filter(({ name }) => call.name === "all" || name === call.name);
  if (chosen.length === 0) return complain(`"${call.name}" is no benchmark. There are: ${names()}, all, list.`);
  cleanUpOnSignals();
  for (const benchmark of chosen) await runOne(benchmark, call);
}

interface Call {
  readonly name: string;
  readonly json: boolean;
  readonly long: boolean;
  readonly seed: number;
}

function parseCall(): Call | string {
  try {
    const { values, positionals } = parseArgs({
      options: {
        json: { type: "boolean", default: false },
        long: { type: "boolean", default: false },
        seed: { type: "string", default: String(randomInt(2 ** 32)) },
      },
      allowPositionals: true,
    });
    const [name, ...more] = positionals;
    if (name === undefined || more.length > 0) return `${usage}\n${list()}`;
    const seed = Number(values.seed);
    return Number.isSafeInteger(seed)
      ? { name, ...values, seed }
      : `--seed ${values.seed} is no whole number.\n\n${usage}`;
  } catch (error) {
    return `${(error as Error).message}\n\n${usage}`;
  }
}

async function runOne(benchmark: Benchmark, { json, ...options }: Call): Promise<void> {
  // progress goes to stderr: stdout carries results
  const say = (line: string): void => void process.stderr.write(`${benchmark.name}: ${line}\n`);
  const report = await reportOn(benchmark, { ...options, say });
  print(json ? JSON.stringify(report) : toTable(report));
}

function list(): string {
  const width = Math.max(...benchmarks.map(({ name }) => name.length));
  return benchmarks.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}`).join("\n");
}

function names(): string {
  return benchmarks.map(({ name }) => name).join(", ");
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function complain(text: string): void {
  process.stderr.write(`${text}\n`);
  process.exitCode = badCall;
}
