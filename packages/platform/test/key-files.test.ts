import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { toHex } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import { openKeyFile } from "../src/key-files.js";
import { createEd25519Signer, createSecp256k1Signer, type StoredSigner } from "../src/signers.js";
import { temporaryFolder } from "./fixtures.js";

function noKey(): StoredSigner {
  throw new Error("a key was made where there is one");
}

describe("a key file", () => {
  it("is made once, for its owner alone, and opened as the same key ever after", async () => {
    const path = join(await temporaryFolder(), "keys", "agent.pem");
    const made = await openKeyFile(path, createEd25519Signer);
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe("600");
    const opened = await openKeyFile(path, noKey);
    expect(opened.publicKey).toEqual(made.publicKey);
    expect(await readdir(join(path, ".."))).toEqual(["agent.pem"]);
  });

  it("keeps its kind of key", async () => {
    const path = join(await temporaryFolder(), "evm.pem");
    const made = await openKeyFile(path, createSecp256k1Signer);
    expect((await openKeyFile(path, createEd25519Signer)).publicKey).toEqual(made.publicKey);
  });

  it("opened by several at once gives all of them one key, that of the file", async () => {
    const path = join(await temporaryFolder(), "agent.pem");
    const signers = await Promise.all(Array.from({ length: 12 }, () => openKeyFile(path, createEd25519Signer)));
    const stored = await openKeyFile(path, noKey);
    expect(new Set(signers.map(({ publicKey }) => toHex(publicKey)))).toEqual(new Set([toHex(stored.publicKey)]));
  });

  it("that holds something else is `key-unreadable` and stays as it is", async () => {
    const path = join(await temporaryFolder(), "agent.pem");
    const half = createEd25519Signer().exportPem().slice(0, 60);
    for (const content of ["", "hello", half]) {
      await writeFile(path, content);
      const failure = openKeyFile(path, createEd25519Signer);
      await expect(failure).rejects.toMatchObject({ code: "key-unreadable", message: expect.stringContaining(path) });
      expect(await readFile(path, "utf8")).toBe(content);
    }
  });
});
