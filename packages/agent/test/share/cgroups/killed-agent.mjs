// An agent for cgroups.test.ts: opens a job whose process is held by a group, says so, and waits to be killed.
import { createEngines } from "../../../dist/engines/index.js";

const engines = await createEngines({ prewarm: 0, cpuPercentPerProcess: 30 });
const bytes = new TextEncoder().encode("export default () => { for (;;); }");
const limits = { timeMs: 60_000, memoryBytes: 1 << 28, outputBytes: 1000, logBytes: 0 };
const runtime = await engines.open({ engine: "js", bytes }, limits);
void runtime.run(Uint8Array.of(1, 0x31));
process.stdout.write(`${runtime.pid}\n`);
