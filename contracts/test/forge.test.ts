import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { foundryProgram } from "../src/foundry.js";

/** What forge says of one contract of tests: each test by its signature. */
interface Suite {
  readonly test_results: Readonly<
    Record<string, { readonly status: string; readonly reason: string | null; readonly counterexample: unknown }>
  >;
}

const folder = join(import.meta.dirname, "..");
const openZeppelin = dirname(createRequire(import.meta.url).resolve("@openzeppelin/contracts/package.json"));

let scratch: string;
let suites: Readonly<Record<string, Suite>>;

/** Compiles and runs test/solidity/, with the seed of this run. @throws where it does not compile, with what the compiler says */
async function runForge(): Promise<typeof suites> {
  const env = {
    ...process.env,
    FOUNDRY_OUT: join(scratch, "out"),
    FOUNDRY_CACHE_PATH: join(scratch, "cache"),
    FOUNDRY_FUZZ_FAILURE_PERSIST_DIR: join(scratch, "fuzz"),
    FOUNDRY_INVARIANT_FAILURE_PERSIST_DIR: join(scratch, "invariant"),
  };
  const given = ["--root", folder, "--use", join(folder, "test/solidity/solc.mjs"), "--fuzz-seed", `${inject("seed")}`];
  const args = [
    "test",
    "--json",
    "--allow-failure",
    "--remappings",
    `@openzeppelin/contracts/=${openZeppelin}/`,
    ...given,
  ];
  const { stdout } = await promisify(execFile)(foundryProgram("forge"), args, { env, maxBuffer: 64 * 1024 * 1024 });
  return JSON.parse(stdout) as typeof suites;
}

/** Each test of the suites whose name begins so, with why it failed. */
function resultsOf(name: string): [test: string, failure: string | undefined][] {
  const results = Object.entries(suites)
    .filter(([path]) => path.split(":")[1]?.startsWith(name))
    .flatMap(([, suite]) => Object.entries(suite.test_results));
  return results.map(([test, { status, reason, counterexample }]) => [
    test,
    status === "Success" ? undefined : `${status}: ${reason ?? ""} ${JSON.stringify(counterexample)}`,
  ]);
}

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "aegis-forge-"));
  suites = await runForge();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("test/solidity, run by forge", () => {
  it.each([
    ["AISTest", 6],
    ["DistributorTest", 24],
    ["DepositsTest", 8],
    ["BondsTest", 16],
    ["DistributorInvariants", 1],
    ["BondsInvariants", 2],
  ])("finds nothing wrong in %s", (name, tests) => {
    const results = resultsOf(name);
    expect(results.filter(([, failure]) => failure !== undefined)).toEqual([]);
    expect(results).toHaveLength(tests);
  });
});
