import { expect, it } from "vitest";
import { reasonOf, tagged, valueOf } from "./support/values.js";
import { describeWithAndWithoutBubblewrap } from "./support/variants.js";
import { bufferAt, command, io, lastCount, op, openedFd, openPath } from "./support/wasm-module.js";

const page = 65_536;
const stdin = op.const(0);
const stdout = op.const(1);
const stderr = op.const(2);
const readInput = io("fd_read", stdin, op.const(page));
const echo = command([...readInput, ...io("fd_write", stdout, lastCount)]);
const text = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

/** Exits with what growing memory by `pages` gave: the size before, or -1. */
const grow = (pages: number): Uint8Array => command([...op.const(pages), ...op.grow, ...op.call("proc_exit")]);

await describeWithAndWithoutBubblewrap("the wasm engine", (open) => {
  it("gives stdin the input's bytes and takes stdout as output, afresh for every run", async () => {
    const runtime = await open("wasm", echo);
    for (const input of [Uint8Array.of(7, 0, 255), new Uint8Array(), Uint8Array.of(9)]) {
      expect(valueOf(await runtime.run(tagged(input)))).toEqual(input);
    }
    expect(text(valueOf(await runtime.run(tagged({ rows: [3, 5] }))))).toBe('{"rows":[3,5]}');
    await runtime.close();
  });

  it("takes stderr as the log", async () => {
    const program = command(io("fd_write", stderr, op.const(5)), { data: { [bufferAt]: "hello" } });
    const runtime = await open("wasm", program);
    expect((await runtime.run(tagged(null))).log).toBe("hello");
    await runtime.close();
  });

  it("shows the shared value as /shared/shared, in which nothing can be made", async () => {
    const create = 1;
    const readShared = [...openPath(bufferAt, 6, 0), ...op.drop, ...io("fd_read", openedFd, op.const(page))];
    const reader = command([...readShared, ...io("fd_write", stdout, lastCount)], { data: { [bufferAt]: "shared" } });
    const maker = command([...openPath(bufferAt, 5, create), ...op.call("proc_exit")], {
      data: { [bufferAt]: "other" },
    });
    const shared = tagged("weights");
    const runtime = await open("wasm", reader, {}, shared);
    expect(text(valueOf(await runtime.run(tagged(null))))).toBe('"weights"');
    const making = await open("wasm", maker, {}, shared);
    const readOnlyFileSystem = 69;
    expect(await making.run(tagged(null))).toMatchObject({
      reason: "threw",
      message: expect.stringContaining(`code ${readOnlyFileSystem}`),
    });
    await Promise.all([runtime.close(), making.close()]);
  });

  it("says with which code a program exited, and that it trapped, and goes on", async () => {
    const exiting = await open("wasm", command([...op.const(3), ...op.call("proc_exit")]));
    expect(await exiting.run(tagged(null))).toMatchObject({
      reason: "threw",
      message: expect.stringContaining("code 3"),
    });
    expect(exiting.usable).toBe(true);
    const trapping = await open("wasm", command([...op.unreachable]));
    expect(await trapping.run(tagged(null))).toMatchObject({
      reason: "threw",
      message: expect.stringContaining("unreachable"),
    });
    expect(trapping.usable).toBe(true);
    await Promise.all([exiting.close(), trapping.close()]);
  });

  it("stops an endless loop at the time limit", async () => {
    const runtime = await open("wasm", command(op.loop(op.branch(0))), { timeMs: 200 });
    expect(reasonOf(await runtime.run(tagged(null)))).toBe("time-limit");
    expect(runtime.usable).toBe(false);
  });

  it("stops output at its limit, also where it is written without end", async () => {
    const flood = command(op.loop([...io("fd_write", stdout, op.const(page)), ...op.branch(0)]));
    const runtime = await open("wasm", flood, { outputBytes: 10 * page });
    expect(reasonOf(await runtime.run(tagged(null)))).toBe("output-limit");
    await runtime.close();
  });

  it("lets memory grow to the bound and no further", async () => {
    const memoryBytes = 256 * page; // 16 MiB, the least that a task may ask for: with less the engine's own ups and downs count
    const within = await open("wasm", grow(254), { memoryBytes });
    expect(await within.run(tagged(null))).toMatchObject({ message: expect.stringContaining("code 2") });
    const over = await open("wasm", grow(255), { memoryBytes });
    expect(await over.run(tagged(null))).toMatchObject({ message: expect.stringContaining("code -1") });
    // 257 pages from the start, in LEB128
    const starting = await open("wasm", command([], { memory: [0, 0x81, 2] }), { memoryBytes });
    expect(reasonOf(await starting.run(tagged(null)))).toBe("memory-limit");
    await Promise.all([within.close(), over.close(), starting.close()]);
  });

  it("refuses what is no module, or asks for more than WASI", async () => {
    const notWasm = await open("wasm", "no module");
    expect(reasonOf(await notWasm.run(tagged(null)))).toBe("program-invalid");
    const [magic, foreign] = [
      [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      [1, 4, 1, 0x60, 0, 0, 2, 7, 1, 1, 0x61, 1, 0x62, 0, 0],
    ];
    const importing = await open("wasm", Uint8Array.from([...magic, ...foreign]));
    expect(reasonOf(await importing.run(tagged(null)))).toBe("program-invalid");
    await Promise.all([notWasm.close(), importing.close()]);
  });
});
