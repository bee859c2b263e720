import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it, onTestFinished } from "vitest";
import { ActivityWatch, inputInterrupts, parseBusy, procFiles } from "../../src/owner/activity.js";
import { lendingTerms } from "../../src/owner/terms.js";

/** A two-core machine whose counters the test turns. */
function machine() {
  const at = { now: 10_000, busyMs: 50_000, ownMs: 3_000, keys: 7 };
  const watch = new ActivityWatch({
    now: () => at.now,
    stat: () => `cpu  ${at.busyMs / 10} 0 0 999 0 0 0 0 0 0\ncpu0 1 0 0 9\ncpu1 1 0 0 9\nintr 1 2\n`,
    interrupts: () => `           CPU0       CPU1\n  1:   ${at.keys}   0   IO-APIC    1-edge      i8042\n`,
    ownCpuMs: () => at.ownMs,
  });
  /** 250 ms pass in which others and we use so much of one core. */
  const quarter = (othersPercent: number, ownPercent = 0, keys = 0): number => {
    at.now += 250;
    at.busyMs += Math.round((2.5 * (othersPercent + ownPercent)) / 10) * 10;
    at.ownMs += 2.5 * ownPercent;
    at.keys += keys;
    return at.now - watch.look();
  };
  return { at, watch, quarter };
}

describe("an owner", () => {
  it("is taken to be there when they start the agent", () => {
    const { at, watch } = machine();
    expect(watch.look()).toBe(at.now);
  });

  it("is seen within three quarters of a second by what their programs use", () => {
    const { quarter } = machine();
    for (let i = 0; i < 40; i++) quarter(4);
    expect(quarter(4)).toBeGreaterThan(9_000);
    const seen = [quarter(60), quarter(60), quarter(60)];
    expect(Math.min(...seen)).toBe(0);
  });

  it("is not seen in what the agent and its sandboxes use, however much that is", () => {
    const { quarter } = machine();
    const ages = Array.from({ length: 20 }, () => quarter(4, 190));
    expect(ages.at(-1)).toBe(20 * 250);
  });

  it("is seen by a key or a move of the mouse, without any use of the processor", () => {
    const { quarter } = machine();
    for (let i = 0; i < 10; i++) quarter(0);
    expect(quarter(0, 0, 1)).toBe(0);
    expect(quarter(0)).toBe(250);
  });
});

it("time in which a processor waits, idles or is stolen is not use", () => {
  const stat = "cpu  100 20 30 5000 600 7 8 900 40 0\ncpu0 1 2\ncpu1 1 2\ncpu10 1 2\n";
  expect(parseBusy(stat)).toEqual({ busyMs: 1_650, cores: 3 });
});

it("interrupts of input devices are told from those of timers, disks and networks", () => {
  const text = [
    "            CPU0       CPU1       ",
    "   0:         30          0   IO-APIC    2-edge      timer",
    "   1:          5          4   IO-APIC    1-edge      i8042",
    "  12:        100          0   IO-APIC   12-edge      i8042",
    "  16:       9999          1   PCI-MSIX  0-edge  xhci_hcd",
    "  51:          2          0   IR-IO-APIC   51-fasteoi   ELAN0676:00",
    " NMI:          0          0   Non-maskable interrupts",
  ].join("\n");
  expect(inputInterrupts(text)).toBe(111);
  expect(inputInterrupts("")).toBe(0);
});

it.skipIf(process.platform !== "linux")("a real process that computes is seen", async () => {
  const watch = new ActivityWatch({ ...procFiles, ownCpuMs: () => process.cpuUsage().user / 1_000 });
  const started = watch.look();
  const busy = spawn(process.execPath, ["-e", "for (;;);"], { stdio: "ignore" });
  onTestFinished(async () => {
    busy.kill("SIGKILL");
    if (busy.signalCode === null) await once(busy, "exit");
  });
  await expect.poll(() => watch.look(), { interval: 100 }).toBeGreaterThan(started);
});

describe("terms", () => {
  it("are hours and a quiet time, or none", () => {
    expect(lendingTerms({}, "linux")).toEqual({ hours: undefined, quietMs: undefined });
    const terms = lendingTerms({ hours: "22-8", quietMs: 60_000 }, "linux");
    expect(terms).toEqual({ hours: [{ start: 1_320, end: 480 }], quietMs: 60_000 });
  });

  it.each([
    [{ hours: "late" }, "linux", "such as 22-8"],
    [{ quietMs: 0 }, "linux", "out of range"],
    [{ quietMs: Number.NaN }, "linux", "out of range"],
    [{ quietMs: 86_400_001 }, "linux", "out of range"],
    [{ quietMs: 60_000 }, "win32", "cannot be seen on win32"],
  ])("of %o on %s are refused", (said, platform, why) => {
    expect(() => lendingTerms(said, platform)).toThrow(expect.objectContaining({ code: "bad-argument" }));
    expect(() => lendingTerms(said, platform)).toThrow(why);
  });
});
