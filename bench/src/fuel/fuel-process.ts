/**
 * Entry of a process that `deno run -A` runs with a deterministic task's own flags: one module at its work, metered where the file of the
 * meter is given. Each line "turn" on stdin asks for one; each line on stdout says what it took of the processor and what came of it.
 */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { rewriteModules } from "./web-assembly.js";
import { works } from "./works.js";

type Meter = (module: Uint8Array, tank: { readonly fuel: number; readonly name: string }) => Uint8Array;

const [name = "", meterFile] = process.argv.slice(2);
let metered = 0;
if (meterFile !== undefined) {
  const { meterModule } = (await import(meterFile)) as { readonly meterModule: Meter };
  rewriteModules((module) => {
    metered++;
    return meterModule(module, { fuel: Number.MAX_SAFE_INTEGER, name: "what is left" });
  });
}
const turn = await works[name]?.();
if (!turn) throw new Error(`nobody knows how to work with ${name}`);

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== "turn") throw new Error(`"${line}" asks for nothing that is known here`);
  const before = process.cpuUsage();
  const bytes = await turn();
  const { user, system } = process.cpuUsage(before);
  const digest = createHash("sha256").update(bytes).digest("hex");
  process.stdout.write(`${JSON.stringify({ cpuMs: (user + system) / 1_000, digest, metered })}\n`);
}
