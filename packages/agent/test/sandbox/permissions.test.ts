import { execFile } from "node:child_process";
import { mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { denoArguments, denoEnvironment, findDeno } from "../../src/sandbox/deno.js";
import { importMapFile } from "../../src/sandbox/realm-files.js";

/**
 * Runs `script` in the main realm's place: what Deno itself refuses once all of our own hardening is gone. Its answer
 * is the list of what it could do.
 */
async function possible(attempts: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), "aegis-permissions-"));
  const script = join(folder, "main.js");
  const tried = Object.entries(attempts).map(([name, code]) => `${JSON.stringify(name)}: async () => { ${code} }`);
  await writeFile(
    script,
    `
    const done = [];
    for (const [name, attempt] of Object.entries({ ${tried.join(",")} })) {
      try { await attempt(); done.push(name); } catch {}
    }
    console.log(JSON.stringify(done));`,
  );
  const args = denoArguments({ mainRealm: script, importMap: importMapFile, reportsMemory: false, purpose: "plain" });
  const { stdout } = await promisify(execFile)(findDeno() ?? "", args, { env: denoEnvironment, cwd: folder });
  expect(await readdir(folder)).toEqual(["main.js"]);
  return JSON.parse(stdout) as string[];
}

it("Deno refuses files, network, environment, processes and native code to the main realm itself", async () => {
  const attempts = {
    "reads a file": 'await Deno.readFile("/etc/passwd")',
    "lists a folder": 'for await (const _ of Deno.readDir("/")) break',
    "writes a file": 'await Deno.writeFile("./written", new Uint8Array(1))',
    "makes a temporary file": "await Deno.makeTempFile()",
    "reads the environment": 'Deno.env.get("PATH")',
    "lists the environment": "Deno.env.toObject()",
    fetches: 'await fetch("http://127.0.0.1:1/")',
    connects: "await Deno.connect({ port: 1 })",
    listens: "Deno.listen({ port: 0 })",
    "opens a WebSocket": 'new WebSocket("ws://127.0.0.1:1/")',
    "resolves a name": 'await Deno.resolveDns("localhost", "A")',
    "starts a process": 'await new Deno.Command("true").output()',
    "signals a process": "Deno.kill(1, 0)",
    "loads a library": 'Deno.dlopen("libc.so.6", {})',
    "asks the system": "Deno.hostname()",
    "changes folder": 'Deno.chdir("/tmp")',
    "is granted more": 'if ((await Deno.permissions.request({ name: "read" })).state !== "granted") throw 0',
    "keeps local storage": 'localStorage.setItem("a", "b")',
    "keeps a cache": 'await caches.open("a")',
    "imports a file": 'await import("file:///etc/hostname")',
    "imports from npm": 'await import("npm:lodash")',
    "imports from the network": 'await import("http://127.0.0.1:1/x.js")',
    "imports a built-in module": 'await import("node:fs")',
  };
  expect(await possible(attempts)).toEqual([]);
});

it("can tell what is possible", async () => {
  expect(await possible({ computes: "1 + 1", refuses: "throw 1" })).toEqual(["computes"]);
});
