import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AegisProcess, startAegis, stopAegis } from "./fixtures/aegis-process.js";

const run = promisify(execFile);
const folder = join(import.meta.dirname, "../examples");
const aegis = join(import.meta.dirname, "../packages/cli/bin/aegis.js");
const examples = (await readdir(folder)).filter((name) => name.endsWith(".mjs"));

let home: string;
const started: AegisProcess[] = [];
let pool: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "aegis-examples-"));
  started.push(
    await startAegis(["pool", "--port", "0", "--challenge", "20", "--test-money", "--data", join(home, "pool")]),
  );
  pool = String(started[0]?.ready["url"]);
  env = { ...process.env, AEGIS_HOME: join(home, "home"), AEGIS_POOL: pool };
  await run(process.execPath, [aegis, "account", "fund", "10 AIS"], { env });
  const share = ["--share", "cpu=50%,memory=1GiB", "--state", join(home, "agent")];
  started.push(await startAegis(["agent", "--pool", pool, ...share]));
});

afterAll(async () => {
  for (const child of started.toReversed()) await stopAegis(child);
  await rm(home, { recursive: true, force: true });
});

describe("every example", () => {
  test.each(examples)("%s prints what it says it prints", async (name) => {
    const path = join(folder, name);
    const promised = /^\/\/ prints: (.*)$/m.exec(await readFile(path, "utf8"))?.[1];
    expect(promised).toBeDefined();
    const { stdout } = await run(process.execPath, [path], { env });
    expect(stdout.trim()).toBe(promised);
  });
});

test("the README's ten lines run as they stand", async () => {
  const readme = await readFile(join(folder, "../README.md"), "utf8");
  const block = /```js\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const args = ["--input-type=module", "--eval", block.replace("http://127.0.0.1:7700", pool)];
  const { stdout } = await run(process.execPath, args, { cwd: folder, env });
  expect(stdout.trim().split("\n").sort()).toEqual(["0 1", "1 4", "2 9", "3 16"]);
});
