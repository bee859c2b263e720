import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { startProcess } from "../../src/sandbox/process.js";
import { bubblewrapWall } from "../../src/sandbox/walls/bubblewrap.js";
import { findProgram } from "../../src/sandbox/walls/programs.js";
import { seccompFilter } from "../../src/sandbox/walls/seccomp.js";
import { ready } from "./forging-process.js";

const bwrap = findProgram("bwrap");
const works =
  bwrap !== undefined &&
  (await promisify(execFile)(bwrap, ["--unshare-all", "--ro-bind", "/", "/", "true"]).then(
    () => true,
    () => false,
  ));

it("has a filter for each architecture that Deno has a Linux binary for, and none made up", () => {
  for (const architecture of ["x64", "arm64"]) expect(seccompFilter(architecture)?.length).toBeGreaterThan(300);
  expect(seccompFilter("riscv64")).toBeUndefined();
});

it.skipIf(!works)("makes opening a socket fail in Node.js behind the same wall", async () => {
  const script = `
    require("node:net").connect(1, "127.0.0.1").on("error", (error) => {
      process.stderr.write("connecting gave " + error.code);
      process.exit(1);
    });`;
  const bare = { file: process.execPath, args: ["-e", script], env: {}, spawn: {}, bubblewrap: undefined };
  const walled = bubblewrapWall(bwrap ?? "", process.execPath, "plain").wrap(bare);
  await expect(startProcess(walled)).rejects.toThrow("connecting gave EPERM");
});

it.skipIf(!works)("lets a process start and speak that does none of it", async () => {
  const script = `process.stdout.write(Buffer.from("${ready}", "hex")); process.stdin.resume()`;
  const bare = { file: process.execPath, args: ["-e", script], env: {}, spawn: {}, bubblewrap: undefined };
  const started = await startProcess(bubblewrapWall(bwrap ?? "", process.execPath, "plain").wrap(bare));
  expect(started.hasEnded).toBe(false);
  started.kill();
});
