import { afterEach, expect, it } from "vitest";
import { createEngines, type Engines, type EnginesOptions } from "../../src/engines/index.js";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { roomyLimits } from "./support/variants.js";

const echo = { engine: "js", bytes: new TextEncoder().encode("export default (input) => input") } as const;
const opened: Engines[] = [];
afterEach(() => Promise.all(opened.splice(0).map((engines) => engines.close())));

async function openMachine(options: EnginesOptions): Promise<Engines> {
  const made = await createEngines({ bubblewrap: "off", ...options });
  opened.push(made);
  return made;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const isPlain = ({ engine }: { engine: string }) => engine !== "webgpu";

it("offers every engine with the walls around it, and webgpu where there is a graphics card", async () => {
  const { offered, missing } = await openMachine({ prewarm: 0 });
  expect(offered.filter(isPlain).map(({ engine }) => engine)).toEqual(["js", "wasm", "onnx"]);
  expect(missing.filter(isPlain)).toEqual([]);
  expect([...offered, ...missing].filter((each) => !isPlain(each))).toHaveLength(1);
  for (const { walls } of offered) expect(walls).not.toContain("bubblewrap");
});

it("gives every job a process of its own, warm or cold", async () => {
  for (const prewarm of [0, 2]) {
    const machine = await openMachine({ prewarm });
    const runtimes = await Promise.all([1, 2, 3, 4].map(() => machine.open(echo, roomyLimits)));
    const outcomes = await Promise.all(runtimes.map((runtime, index) => runtime.run(tagged(index))));
    expect(outcomes.map(valueOf)).toEqual([0, 1, 2, 3]);
    expect(new Set(runtimes.map(({ pid }) => pid)).size).toBe(4);
  }
});

it("leaves no process behind when it closes", async () => {
  const machine = await openMachine({ prewarm: 1 });
  const runtime = await machine.open(echo, roomyLimits);
  await machine.close();
  expect(runtime.usable).toBe(false);
  expect(reasonOf(await runtime.run(tagged(1)))).toBe("sandbox-broken");
  expect(isAlive(runtime.pid)).toBe(false);
});

it("kills a runtime's process when it closes, also one that loops", async () => {
  const machine = await openMachine({ prewarm: 0 });
  const looping = { engine: "js", bytes: new TextEncoder().encode("export default () => { for (;;); }") } as const;
  const runtime = await machine.open(looping, roomyLimits);
  const run = runtime.run(tagged(1));
  await runtime.close();
  expect(reasonOf(await run)).toBe("sandbox-broken");
  expect(isAlive(runtime.pid)).toBe(false);
});
