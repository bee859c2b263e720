import { execFileSync } from "node:child_process";
import { mkdir, open, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sessionBinding, toHex, verifyEvidence } from "@aegis-pool/core";
import { attestationPlatform } from "@aegis-pool/platform";
import { describe, expect, it, onTestFinished } from "vitest";
import { certificateTable } from "../../../../test/fixtures/attestation/certificate-table.js";
import { ProcessorMaker, plainMeasurement } from "../../../../test/fixtures/attestation/maker.js";
import { present } from "../../../../test/fixtures/present.js";
import { temporaryDirectory } from "../../../../test/fixtures/temporary.js";
import { openAttestor, probeAttestation } from "../../src/attestation/index.js";

/*
 * No SEV-SNP machine was there: plain files stand in for the kernel's, as its Documentation/ABI/testing/configfs-tsm-report describes them.
 */
const maker = new ProcessorMaker();
const chip = maker.chip();
const session = { agent: Buffer.alloc(32, 1), hpke: Buffer.alloc(32, 2), pool: Buffer.alloc(32, 3) };
const [vcek, ask, ark] = chip.certificates as [Buffer, Buffer, Buffer];
const table = certificateTable([
  { kind: "vcek", bytes: vcek },
  { kind: "ask", bytes: ask },
  { kind: "ark", bytes: ark },
]);

async function folder(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(() => directory.remove());
  return directory.path;
}

/** A folder like the kernel's, with an entry "e" that has these files. */
async function standIn(content: Readonly<Record<string, string | Uint8Array>>) {
  const path = await folder();
  await mkdir(join(path, "e"));
  for (const [name, bytes] of Object.entries(content)) await writeFile(join(path, "e", name), bytes);
  return { folder: path, entry: "e" };
}

const pem = (der: Buffer) => `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;

const files = { provider: "sev_guest\n", generation: "1\n", outblob: chip.evidence(session).report };

describe("an agent on a machine", () => {
  it("without the kernel's folder has nothing to show", async () => {
    const path = await folder();
    expect(await openAttestor({ folder: join(path, "none") })).toBeUndefined();
  });

  it("asks for a report about its session, and shows it with what the host gives", async () => {
    const at = await standIn({ ...files, auxblob: table });
    const evidence = await present(await openAttestor(at)).evidence(session);
    const terms = { session, roots: maker.roots, now: Date.now(), platform: attestationPlatform };
    expect(verifyEvidence(evidence, terms)).toMatchObject({ measurement: plainMeasurement });
    const asked = await readFile(join(at.folder, "e/inblob"));
    expect(toHex(asked)).toBe(toHex(sessionBinding(session, attestationPlatform)));
  });

  it("shows a report that is signed only when its 64 bytes are there", async () => {
    const at = await standIn({ ...files, auxblob: table });
    const [inblob, outblob] = [join(at.folder, "e/inblob"), join(at.folder, "e/outblob")];
    await rm(outblob);
    execFileSync("mkfifo", [inblob, outblob]); // each end waits for the other, as the kernel lets a reader wait
    const kernel = (async () => {
      const data = await readFile(inblob);
      const pipe = await open(outblob, "w");
      const report = chip.unsigned(session, (unsigned) => unsigned.set(data, 0x50));
      await pipe.writeFile(chip.sign(report));
      await pipe.close();
    })();
    const fresh = { ...session, hpke: Buffer.alloc(32, 9) };
    const evidence = await present(await openAttestor(at)).evidence(fresh);
    await kernel;
    const terms = { session: fresh, roots: maker.roots, now: Date.now(), platform: attestationPlatform };
    expect(verifyEvidence(evidence, terms)).toMatchObject({ product: "Milan" });
  });

  it.each<[string, object, RegExp]>([
    ["whose module is another maker's", { provider: "tdx_guest\n" }, /the module is tdx_guest, and only sev_guest/],
    ["whose host gives no certificates", { auxblob: "" }, /the host does not give the certificates/],
    ["whose host's table is none", { auxblob: "not a table" }, /the host's table of certificates is not one/],
  ])("%s says so", async (_what, changes, words) => {
    const at = await standIn({ ...files, auxblob: table, ...changes });
    await expect(present(await openAttestor(at)).evidence(session)).rejects.toThrow(words);
    expect(await probeAttestation(at)).toMatchObject({
      available: false,
      detail: expect.stringMatching(words) as string,
    });
  });

  it("whose kernel fails says what of", async () => {
    const { provider } = files;
    const at = await standIn({ provider });
    await expect(present(await openAttestor(at)).evidence(session)).rejects.toThrow(
      /the kernel gives no report: .*ENOENT/,
    );
  });

  it("takes from files what the host does not give, whatever is in which", async () => {
    const at = await standIn(files);
    const [above, own] = [join(at.folder, "above.pem"), join(at.folder, "own.der")];
    await writeFile(above, `A comment.\n${pem(ark)}${pem(ask)}`);
    await writeFile(own, vcek);
    const evidence = await present(await openAttestor({ ...at, chain: [above, own] })).evidence(session);
    expect(evidence.certificates.map(toHex)).toEqual([vcek, ask, ark].map(toHex));
  });

  it("is not started with a file that is no certificate", async () => {
    const at = await standIn({ ...files, other: "nothing of the kind" });
    const chain = [join(at.folder, "e/other")];
    await expect(openAttestor({ ...at, chain })).rejects.toMatchObject({ code: "bad-argument" });
    await expect(openAttestor({ ...at, chain: ["/nowhere"] })).rejects.toMatchObject({ code: "bad-argument" });
  });
});

describe("the doctor", () => {
  it("says how a confidential VM was started, for those who list it", async () => {
    const at = await standIn({ ...files, auxblob: table });
    const { available, detail } = await probeAttestation(at);
    expect([available, detail]).toEqual([true, expect.stringContaining(toHex(plainMeasurement))]);
  });

  it("says why any other machine does not attest, and what would", async () => {
    const path = await folder();
    const part = await probeAttestation({ folder: join(path, "none") });
    expect(part).toMatchObject({
      name: "attestation",
      available: false,
      detail: expect.stringContaining("there is no") as string,
    });
    expect(part.howToGet).toContain("confidential VM");
    const odd = await standIn({ ...files, outblob: "short", auxblob: table });
    expect((await probeAttestation(odd)).detail).toContain("report-length");
  });
});
