// An agent for orphans.test.ts: opens a job that loops, stops its process as duty cycling does, and tells its pid.
import { createEngines } from "../../dist/engines/index.js";

const engines = await createEngines({ bubblewrap: process.argv[2], prewarm: 0 });
const bytes = new TextEncoder().encode("export default () => { for (;;); }");
const limits = { timeMs: 60_000, memoryBytes: 1 << 28, outputBytes: 1000, logBytes: 0 };
const runtime = await engines.open({ engine: "js", bytes }, limits);
void runtime.run(Uint8Array.of(1, 0x31));
process.kill(runtime.pid, "SIGSTOP");
process.stdout.write(`${runtime.pid}\n`);
