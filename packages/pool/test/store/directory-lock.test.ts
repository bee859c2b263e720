import { readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lockDirectory } from "../../src/store/directory-lock.js";
import { startChild } from "./child-process.js";
import { temporaryDirectory } from "./temporary.js";

const inUse = { code: "directory-in-use" };

test("a directory is held by one at a time, and free once released", async () => {
  const directory = await temporaryDirectory();
  const lock = await lockDirectory(directory);
  await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
  await lock.release();
  await (await lockDirectory(directory)).release();
  expect(await readdir(directory)).toEqual([]);
});

test("of many that try at the same moment, one at most gets the directory", async () => {
  const directory = await temporaryDirectory();
  for (let round = 0; round < 10; round++) {
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)));
    const held = outcomes.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
    expect(held.length).toBeLessThanOrEqual(1);
    await Promise.all(held.map((lock) => lock.release()));
  }
});

test("a directory held by a killed process is free, and its mark is cleared away", async () => {
  const directory = await temporaryDirectory();
  const child = startChild("lock", [directory]);
  expect(await child.line()).toBe("held");
  await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
  await child.kill();
  expect(await readdir(directory)).toHaveLength(1);
  const lock = await lockDirectory(directory);
  expect(await readdir(directory)).toHaveLength(1);
  await lock.release();
});

test("a directory held by a process that is stopped or busy stays held", async () => {
  const directory = await temporaryDirectory();
  const child = startChild("lock", [directory]);
  await child.line();
  child.process.kill("SIGSTOP");
  await expect(lockDirectory(directory)).rejects.toMatchObject(inUse);
});

test("a mark of this very process number that nobody listens on does not count", async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, `pool-${process.pid}-0123456789abcdef.sock`), "");
  const lock = await lockDirectory(directory);
  expect(await readdir(directory)).toHaveLength(1);
  await lock.release();
});

test("two that see each other both withdraw, rather than both hold", async () => {
  const directory = await temporaryDirectory();
  const rival = createServer().listen(join(directory, "pool-4242-0123456789abcdef.sock"));
  onTestFinished(() => void rival.close());
  await new Promise((resolve) => rival.once("listening", resolve));
  await expect(lockDirectory(directory)).rejects.toMatchObject({
    ...inUse,
    message: expect.stringContaining("process 4242") as string,
  });
  expect(await readdir(directory)).toEqual(["pool-4242-0123456789abcdef.sock"]);
});
