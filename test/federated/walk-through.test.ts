import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { toHex } from "@aegis-pool/core";
import { expect, it } from "vitest";
import { Account, openAccountKey } from "../../packages/sdk/src/index.js";
import { CommitteeMember } from "../fixtures/committee-member.js";
import { temporaryDirectory } from "../fixtures/temporary.js";
import { startTestPool } from "../fixtures/test-pool.js";

const run = promisify(execFile);
const page = join(import.meta.dirname, "../../docs/federated.md");
const aegis = join(import.meta.dirname, "../../packages/cli/bin/aegis.js");

it("docs/federated.md does what it says: a run is made, five join it, and all of them and its owner have one model", async () => {
  const pool = await startTestPool("off", { committeeTrust: 0 });
  const members = await Promise.all([1, 2, 3, 4].map(() => CommitteeMember.join(pool)));
  const home = await temporaryDirectory();
  await new Account(pool.client, await openAccountKey(join(home.path, "account.key"))).fund(10n ** 12n);
  const env = { ...process.env, AEGIS_HOME: home.path, AEGIS_POOL: pool.url };
  const blocks = (await readFile(page, "utf8")).matchAll(/```sh\n(.*?)```/gs);
  for (const [, commands = ""] of blocks) {
    const shell = commands.replaceAll("npx aegis", `"${process.execPath}" "${aegis}"`);
    await run("bash", ["-e", "-c", shell], { cwd: home.path, env });
  }
  const folders = ["model", "model-01", "model-02", "model-03", "model-04", "model-05"];
  const models = await Promise.all(folders.map((folder) => readFile(join(home.path, folder, "model.onnx"))));
  expect(new Set(models.map(toHex)).size).toBe(1);
  await Promise.all(members.map((member) => member.stop()));
  await pool.stop();
  await home.remove();
});
