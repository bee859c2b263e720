import { mkdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createEd25519Signer, createSecp256k1Signer, primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { writePlan } from "../../src/federated/plan.js";
import { openInvitation, openOwnedRun, openReference, saveInvitation, saveOwnedRun } from "../../src/index.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryDirectory();
  path = join(folder.path, "invitation.json");
});
afterEach(() => folder.remove());

const reference = () => ({
  pool: { url: "http://127.0.0.1:7700/", key: primitives.randomBytes(32) },
  run: primitives.randomBytes(32),
  plan: writePlan({ name: "counting", settings: { rounds: 3 } }),
});

/** An invitation's file with one field changed. */
async function changed(field: string, value: unknown): Promise<string> {
  await saveInvitation(path, { ...reference(), seat: createEd25519Signer() });
  const file = JSON.parse(await readFile(path, "utf8")) as Record<string, unknown>;
  const other = join(folder.path, "changed.json");
  await writeFile(other, JSON.stringify({ ...file, [field]: value }));
  return other;
}

describe("an invitation's file", () => {
  it("is for its owner alone, and is read as it was written", async () => {
    const invitation = { ...reference(), seat: createEd25519Signer() };
    await saveInvitation(path, invitation);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const { seat, ...read } = await openInvitation(path);
    expect(Buffer.from(seat.publicKey).equals(invitation.seat.publicKey)).toBe(true);
    expect(read.pool.url).toBe(invitation.pool.url);
    for (const name of ["run", "plan"] as const) expect(Buffer.from(read[name]).equals(invitation[name])).toBe(true);
  });

  it("replaces no other file", async () => {
    await writeFile(path, "mine");
    const saved = saveInvitation(path, { ...reference(), seat: createEd25519Signer() });
    await expect(saved).rejects.toMatchObject({ code: "bad-argument" });
    expect(await readFile(path, "utf8")).toBe("mine");
  });

  it.each<[string, string, () => unknown]>([
    ["another version", "version", () => 2],
    ["another format", "format", () => "aegis-federated-run"],
    ["a run that is no hash", "run", () => "ab"],
    ["a pool that is no object", "pool", () => "http://127.0.0.1"],
    ["a field that is not known", "more", () => 1],
    ["a key that is none", "key", () => "-----BEGIN PRIVATE KEY-----"],
    ["a key of another kind", "key", () => createSecp256k1Signer().exportPem()],
    ["a plan that is none", "plan", () => "AAAA"],
    ["a plan of another version", "plan", () => Buffer.from(Uint8Array.of(0xa1, 0x61, 0x61, 1)).toString("base64url")],
  ])("with %s is refused", async (_what, field, value) => {
    await expect(openInvitation(await changed(field, value()))).rejects.toMatchObject({ code: "key-unreadable" });
  });

  it.each<[string, (at: string) => Promise<unknown>]>([
    ["is not there", () => Promise.resolve()],
    ["is a folder", (at) => mkdir(at)],
    ["is too long", (at) => writeFile(at, "x".repeat(200_000))],
    ["is no JSON", (at) => writeFile(at, "{")],
    ["is no UTF-8", (at) => writeFile(at, Uint8Array.of(0xff, 0xfe))],
    ["is a link", (at) => symlink("/dev/zero", at)],
  ])("that %s is refused", async (_what, make) => {
    await make(path);
    await expect(openInvitation(path)).rejects.toMatchObject({ code: "key-unreadable" });
  });
});

describe("an owner's file", () => {
  it("is read as it was written, and is no invitation; both say which run they are of", async () => {
    const owned = { ...reference(), key: createEd25519Signer() };
    await saveOwnedRun(path, owned);
    expect(Buffer.from((await openOwnedRun(path)).key.publicKey).equals(owned.key.publicKey)).toBe(true);
    expect(Buffer.from((await openReference(path)).run).equals(owned.run)).toBe(true);
    await expect(openInvitation(path)).rejects.toMatchObject({ code: "key-unreadable" });
  });
});
