import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";

const platform = new URL("../dist/index.js", import.meta.url).href;
/** How long what takes two seconds is waited for, in ms: what is tested against never ends. */
const timeout = 60_000;

it("signing and sealing thousands of times ends: no export of a key waits for the collection of another", async () => {
  const program = `
    const { boxSealer, createHpkeKey, createSecp256k1Signer } = await import(${JSON.stringify(platform)});
    const signer = createSecp256k1Signer();
    for (let count = 0; count < 5_000; count++) signer.signDigest(new Uint8Array(32).fill(7));
    const { publicKey } = await createHpkeKey();
    for (let count = 0; count < 5_000; count++) await boxSealer.sealBox(publicKey, new Uint8Array(1), new Uint8Array(32));
    console.log("ended");`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    timeout,
    killSignal: "SIGKILL",
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
  expect((await run).stdout).toBe("ended\n");
});
