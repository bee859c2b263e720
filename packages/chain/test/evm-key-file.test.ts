import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, afterAll, expect, it } from "vitest";
import { keyFile } from "../../../test/fixtures/settled-chain.js";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { readEvmKey } from "../src/evm-key-file.js";

let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  temporary = await temporaryDirectory();
});
afterAll(() => temporary.remove());

const secret = "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80";
const path = (name: string) => join(temporary.path, name);

it("a key is read as cast prints it, and is shown by nothing", async () => {
  const key = await readEvmKey(await keyFile(path("good"), `0x${secret}`));
  expect(key.address).toBe("0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266");
  expect(inspect(key, { depth: 10, showHidden: true }) + JSON.stringify(key)).not.toContain(secret);
});

it.each([
  ["without 0x", secret],
  ["a digit short", `0x${secret.slice(1)}`],
  ["with something behind it", `0x${secret} or so`],
  ["of two lines", `0x${secret}\n0x${secret}`],
  ["no number of the curve", `0x${"f".repeat(64)}`],
  ["zero", `0x${"0".repeat(64)}`],
  ["empty", ""],
  ["large", `0x${secret}${" ".repeat(200)}`],
])("what is %s is refused, and not repeated", async (name, text) => {
  const error: unknown = await readEvmKey(await keyFile(path(name), text)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "key-unreadable" });
  expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(secret.slice(1, 20));
});

it.runIf(process.platform !== "win32").each([0o640, 0o604, 0o620])(
  "one that others may touch is refused: mode %o",
  async (mode) => {
    const file = await keyFile(path(`mode-${mode}`), `0x${secret}`);
    await chmod(file, mode);
    await expect(readEvmKey(file)).rejects.toMatchObject({
      ...{ code: "key-unreadable", next: expect.stringContaining("chmod 600") as string },
    });
    await symlink(file, path(`link-${mode}`));
    await expect(readEvmKey(path(`link-${mode}`))).rejects.toMatchObject({ code: "key-unreadable" });
  },
);

it("a file that is not there, or a folder, is named", async () => {
  await expect(readEvmKey(path("nothing"))).rejects.toMatchObject({
    ...{ code: "key-unreadable", message: expect.stringContaining("ENOENT") as string },
  });
  await mkdir(path("folder"), { mode: 0o700 });
  await writeFile(path("folder/file"), "");
  await expect(readEvmKey(path("folder"))).rejects.toMatchObject({ code: "key-unreadable" });
});
