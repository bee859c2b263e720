import { execFile } from "node:child_process";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { binariesCache, installedBinaries, usableBinaries } from "../../src/store/embedded/binaries.js";
import { temporaryDirectory } from "./temporary.js";

const isRoot = process.getuid?.() === 0;
const account = isRoot ? { uid: 65534, gid: 65534 } : {};

/** The installed binaries as `npm install --ignore-scripts` leaves them, in a folder others cannot pass. */
async function freshInstallation(): Promise<string> {
  const folder = join(await temporaryDirectory(), "package");
  const native = installedBinaries();
  await promisify(execFile)("cp", [
    "-r",
    "--reflink=auto",
    dirname(join(native, "x")),
    join(native, "..", "package.json"),
    "-t",
    await made(folder),
  ]);
  const copy = join(folder, basename(native));
  await promisify(execFile)("find", [join(copy, "lib"), "-maxdepth", "1", "-type", "l", "-delete"]);
  return copy;
}

async function made(folder: string): Promise<string> {
  await mkdir(folder);
  return folder;
}

/** Opens the temporary folder around it. */
async function openedToAll(folder: string): Promise<string> {
  await chmod(folder, 0o755);
  return folder;
}

test("binaries installed without npm's scripts get the links between their libraries in place", async () => {
  const native = await freshInstallation();
  await openedToAll(join(native, "..", ".."));
  const { postgres, majorVersion } = await usableBinaries(native, "/nonexistent", account);
  expect(postgres).toBe(join(native, "bin", "postgres"));
  expect(majorVersion).toBe(18);
});

test.runIf(isRoot)(
  "binaries where the database's account cannot reach them are copied once, readable to it",
  async () => {
    const native = await freshInstallation();
    await chmod(join(native, "share"), 0o700);
    const cache = join(await openedToAll(await temporaryDirectory()), "cache");
    const [first, second] = await Promise.all([1, 2].map(() => usableBinaries(native, cache, account)));
    expect(first?.postgres).toMatch(`${cache}/18.`);
    expect(second?.postgres).toBe(first?.postgres);
    expect(await readdir(cache)).toHaveLength(1);
    const share = join(first?.postgres ?? "", "..", "..", "share", "postgresql", "postgres.bki");
    await expect(promisify(execFile)("head", ["-c1", share], { ...account, cwd: "/" })).resolves.toBeDefined();
  },
);

test("copies go where only root can change them when the pool is root, else into the pool's own directory", () => {
  expect(binariesCache("/data/binaries", {})).toBe("/data/binaries");
  expect(binariesCache("/data/binaries", { uid: 65534 })).toBe("/var/cache/aegis-pool");
});

test("a platform without binaries is named", () => {
  expect(() => installedBinaries("plan9", "mips")).toThrow(
    expect.objectContaining({ code: "no-database-binaries", message: expect.stringContaining("plan9-mips") as string }),
  );
});

test("binaries of another machine are refused with what the system says of them", async () => {
  const folder = await openedToAll(await temporaryDirectory());
  await mkdir(join(folder, "native", "bin"), { recursive: true });
  await writeFile(join(folder, "native", "pg-symlinks.json"), "[]");
  await writeFile(join(folder, "package.json"), `{"version":"18.0.0"}`);
  await writeFile(
    join(folder, "native", "bin", "postgres"),
    "#!/bin/sh\necho cannot execute binary file >&2; exit 126",
    { mode: 0o755 },
  );
  await expect(usableBinaries(join(folder, "native"), join(folder, "cache"), account)).rejects.toMatchObject({
    code: "no-database-binaries",
    message: expect.stringContaining("cannot execute binary file") as string,
  });
});
