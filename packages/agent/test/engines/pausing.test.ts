import { readFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { createEngines } from "../../src/engines/index.js";
import { readCpuMs } from "../../src/share/cpu-time.js";
import { roomyLimits } from "./support/variants.js";
import { tagged, valueOf } from "./support/values.js";

const linux = process.platform === "linux";
const spin = new TextEncoder().encode(
  "export default (ms) => { const end = Date.now() + ms; while (Date.now() < end); return 'done' }",
);
const engines = await createEngines({ prewarm: 0, cpuPercentPerProcess: 90 });
afterAll(() => engines.close());

const stateOf = (pid: number): string => / ([A-Z]) /.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1] ?? "";

it.skipIf(!linux)(
  "stops a running job's process at once, also one that opens meanwhile, and lets both finish",
  async () => {
    const running = await engines.open({ engine: "js", bytes: spin }, roomyLimits);
    const outcome = running.run(tagged(300));
    await expect.poll(() => readCpuMs(running.pid)).toBeGreaterThan(100);
    expect(engines.pause()).toBe(true);
    await expect.poll(() => stateOf(running.pid)).toBe("T");
    const opening = engines.open({ engine: "js", bytes: spin }, roomyLimits);
    await expect.poll(() => engines.use().processes).toBe(2);
    engines.resume();
    expect(valueOf(await outcome)).toBe("done");
    expect(valueOf(await (await opening).run(tagged(1)))).toBe("done");
  },
);

it.skipIf(!linux)("what sandboxes use is counted while they live, and their time afterwards too", async () => {
  const before = engines.use();
  const runtime = await engines.open({ engine: "js", bytes: spin }, roomyLimits);
  await runtime.run(tagged(200));
  const during = engines.use();
  expect(during.processes).toBe(before.processes + 1);
  expect(during.cpuMs - before.cpuMs).toBeGreaterThan(100);
  expect(during.residentBytes - before.residentBytes).toBeGreaterThan(20 * 1024 ** 2);
  await runtime.close();
  const after = engines.use();
  expect(after.processes).toBe(before.processes);
  expect(after.cpuMs).toBeGreaterThanOrEqual(during.cpuMs);
  expect(after.residentBytes).toBeLessThan(during.residentBytes);
});

it.skipIf(!linux)("the time of a sandbox that was killed before anybody asked is counted", async () => {
  const before = engines.use();
  const runtime = await engines.open({ engine: "js", bytes: spin }, roomyLimits);
  await runtime.run(tagged(200));
  await runtime.close();
  expect(engines.use().cpuMs - before.cpuMs).toBeGreaterThan(100);
});
