import fs, { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { asDiskError, createAtomically, hasCode, readIfPresent, writeAtomically } from "../src/files.js";
import { temporaryFolder } from "./fixtures.js";

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

/** From now on and until the test ends, the last step of every write fails with this error. */
function lastStepFails(code: string): Error {
  const error = systemError(code);
  for (const step of ["rename", "link"] as const) vi.spyOn(fs, step).mockRejectedValue(error);
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.restoreAllMocks();
    syncBuiltinESMExports();
  });
  return error;
}

describe("an atomic write", () => {
  it("makes missing folders, replaces what was there and leaves nothing beside it", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "deep", "er", "file");
    await writeAtomically(path, "old");
    await writeAtomically(path, Uint8Array.of(0, 255));
    expect([...(await readFile(path))]).toEqual([0, 255]);
    expect(await readdir(join(folder, "deep", "er"))).toEqual(["file"]);
  });

  it("gives file and folders to their owner alone, unless another mode is asked for", async () => {
    const folder = await temporaryFolder();
    await writeAtomically(join(folder, "secret", "key"), "x");
    await writeAtomically(join(folder, "public"), "x", 0o644);
    const mode = async (name: string): Promise<string> => ((await stat(join(folder, name))).mode & 0o777).toString(8);
    expect(await mode("secret/key")).toBe("600");
    expect(await mode("secret")).toBe("700");
    expect(await mode("public")).toBe("644");
  });

  it("leaves the old content and no temporary file when its last step fails", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "file");
    await writeAtomically(path, "old");
    lastStepFails("EIO");
    await expect(writeAtomically(path, "new")).rejects.toThrow("EIO");
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("says `disk-full` with the cause when there is no room, and leaves the old content", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "file");
    await writeAtomically(path, "old");
    const cause = lastStepFails("ENOSPC");
    const failure = await writeAtomically(path, "new").catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "disk-full", status: 507, cause });
    expect((failure as AegisError).message).toContain(path);
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("does not replace a folder that has the file's name", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "taken"));
    await expect(writeAtomically(join(folder, "taken"), "x")).rejects.toThrow(/EISDIR|EPERM|ENOTEMPTY/);
    expect(await readdir(folder)).toEqual(["taken"]);
  });

  it("by several at once leaves one of their contents, whole", async () => {
    const path = join(await temporaryFolder(), "file");
    const contents = Array.from({ length: 8 }, (_, index) => String(index).repeat(10_000));
    await Promise.all(contents.map((content) => writeAtomically(path, content)));
    expect(contents).toContain(await readFile(path, "utf8"));
  });
});

describe("an atomic creation", () => {
  it("succeeds once: who comes later finds the first content", async () => {
    const folder = await temporaryFolder();
    const path = join(folder, "file");
    expect(await createAtomically(path, "first")).toBe(true);
    expect(await createAtomically(path, "second")).toBe(false);
    expect(await readFile(path, "utf8")).toBe("first");
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("leaves nothing when its last step fails", async () => {
    const folder = await temporaryFolder();
    lastStepFails("EDQUOT");
    await expect(createAtomically(join(folder, "file"), "x")).rejects.toMatchObject({ code: "disk-full" });
    expect(await readdir(folder)).toEqual([]);
  });
});

describe("reading", () => {
  it("gives the text of a file and undefined where there is none", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "file"), "text");
    expect(await readIfPresent(join(folder, "file"))).toBe("text");
    expect(await readIfPresent(join(folder, "none"))).toBeUndefined();
    await expect(readIfPresent(folder)).rejects.toThrow("EISDIR");
  });
});

describe("a system error", () => {
  it("is known by its code, and one about room becomes `disk-full`", () => {
    expect(hasCode(systemError("ENOENT"), "ENOENT")).toBe(true);
    for (const other of [systemError("EIO"), new Error("ENOENT"), "ENOENT", undefined, { code: "ENOENT" }]) {
      expect(hasCode(other, "ENOENT")).toBe(false);
    }
    const other = systemError("EIO");
    expect(asDiskError(other, "/x")).toBe(other);
    for (const code of ["ENOSPC", "EDQUOT"]) expect(asDiskError(systemError(code), "/x")).toBeInstanceOf(AegisError);
  });
});
