import type { Share } from "@aegis-pool/core";
import { describe, expect, it, onTestFinished } from "vitest";
import { lentShareOf, openEnginesFor } from "../../src/lent-engines.js";
import { type LentShare, lentShare } from "../../src/share/lent-share.js";

const [mebibyte, gibibyte] = [1024 ** 2, 1024 ** 3];
const badArgument = expect.objectContaining({ code: "bad-argument" }) as Error;
const machine = { cores: 8, memoryBytes: 32 * gibibyte };

/** What "cpu=...%,memory=...MiB" comes to on `cores` cores. */
function lent(cpuPercent: number, memoryMiB: number | undefined, cores = machine.cores): LentShare {
  const share: Share = { cpuPercent, memoryBytes: memoryMiB === undefined ? undefined : memoryMiB * mebibyte };
  return lentShare(share, { ...machine, cores });
}

describe("a share", () => {
  it("has a slot for each whole core, with its part of the processor and of the memory", () => {
    expect(lent(50, 6_144)).toEqual({
      slots: 4,
      cpuPercentPerSlot: 100,
      memoryBytesPerSlot: 1_536 * mebibyte,
      wholeMachine: false,
    });
  });

  it.each([
    ["less than a core", 5, 1, 40],
    ["a core and a half, of which one process uses one", 19, 1, 100],
    ["three cores and a bit", 40, 3, 100],
  ])("of %s (%i%% of eight) has %i slot(s) of %i%% of a core", (_what, percent, slots, perSlot) => {
    expect(lent(percent, 1_024)).toMatchObject({ slots, cpuPercentPerSlot: perSlot });
  });

  it("is of the whole machine at 100%, and of none below it, also where that is no core less", () => {
    expect(lent(100, 1_024)).toMatchObject({ slots: 8, wholeMachine: true });
    expect(lent(100, 1_024, 1)).toMatchObject({ slots: 1, wholeMachine: true });
    expect(lent(99, 1_024, 1)).toMatchObject({ slots: 1, cpuPercentPerSlot: 99, wholeMachine: false });
  });

  it("that names no memory has half of what there is", () => {
    expect(lent(25, undefined)).toMatchObject({ slots: 2, memoryBytesPerSlot: 8 * gibibyte });
  });

  it("that cannot be divided into whole bytes gives each slot the lesser number", () => {
    const { slots, memoryBytesPerSlot } = lentShare({ cpuPercent: 75, memoryBytes: gibibyte + 5 }, machine);
    expect([slots, memoryBytesPerSlot]).toEqual([6, Math.floor((gibibyte + 5) / 6)]);
  });

  it("has no more memory than there is, and no less than 64 MiB for a slot", () => {
    expect(lent(25, 32 * 1_024)).toMatchObject({ memoryBytesPerSlot: 16 * gibibyte });
    expect(lent(25, 128)).toMatchObject({ memoryBytesPerSlot: 64 * mebibyte });
    expect(() => lent(25, 32 * 1_024 + 1)).toThrow(badArgument);
    expect(() => lent(25, 32 * 1_024 + 1)).toThrow(`at most the ${32 * gibibyte} bytes there are`);
    expect(() => lent(25, 127)).toThrow(badArgument);
    expect(() => lent(25, 127)).toThrow("at least 64 MiB for each of 2 slots");
  });

  it("that cannot be read is refused with what was wrong with it", () => {
    expect(() => lentShareOf("cpu=lots")).toThrow(badArgument);
    expect(() => lentShareOf("cpu=lots")).toThrow("--share cpu=lots");
  });
});

describe.skipIf(process.platform === "win32")("engines", () => {
  it.each([
    [
      "a part of a core are held to it by time",
      { cpuPercentPerSlot: 30, wholeMachine: false },
      "stopping and continuing",
    ],
    [
      "whole cores of more are held to them as well",
      { cpuPercentPerSlot: 100, wholeMachine: false },
      "stopping and continuing",
    ],
    ["the whole machine are held to no time", { cpuPercentPerSlot: 100, wholeMachine: true }, "nothing"],
  ])("that are lent %s", async (_what, share, heldBy) => {
    const whole: LentShare = { slots: 1, memoryBytesPerSlot: gibibyte, ...share };
    const engines = await openEnginesFor(whole, { bubblewrap: "off", cgroups: "off" });
    onTestFinished(() => engines.close());
    expect(engines.heldBy).toBe(heldBy);
  });
});
