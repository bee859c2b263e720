import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rm, rmdir, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { maySign, type SumBinding, toHex } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { SignLog } from "../../src/committee/index.js";
import { lineOf, recordOf, type SignRecord } from "../../src/committee/sign-records.js";
import { SignedBefore } from "../../src/committee/signed-before.js";
import { filled, StandIn } from "./stand-in.js";

const killedMember = fileURLToPath(new URL("./killed-member.mjs", import.meta.url));
const day = 24 * 3_600_000;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "aegis-sign-log-"));
  onTestFinished(() => rm(made, { recursive: true, force: true }));
  return made;
}

/** A log as a process has it. */
function logAt(path: string, now?: () => number): SignLog {
  const log = new SignLog(path, now);
  onTestFinished(() => log.close());
  return log;
}

const sumOf = (change: Partial<SumBinding> = {}): SumBinding => ({
  ...{ run: filled(7), round: 3, attempt: 1, group: 0 },
  ...change,
});

describe("what a member is about to sign", () => {
  it("is on the disk before it may, and stays for the next process", async () => {
    const path = join(folder(), "committee.log");
    const log = logAt(path);
    expect(await maySign(filled(1), sumOf(), log.recordFirst)).toBe(true);
    const [line = ""] = (await readFile(path, "latin1")).split("\n");
    expect(recordOf(line)).toMatchObject({ sum: { round: 3 }, value: Buffer.from(filled(1)) });
    const next = logAt(path);
    expect(await maySign(filled(2), sumOf(), next.recordFirst)).toBe(false);
    expect(await maySign(undefined, sumOf(), next.recordFirst)).toBe(false);
    expect(await maySign(filled(1), sumOf(), next.recordFirst)).toBe(true);
    expect(await maySign(filled(2), sumOf({ group: 1 }), next.recordFirst)).toBe(true);
  });

  it("is one thing, also where two are asked for at the same time", async () => {
    const log = logAt(join(folder(), "committee.log"));
    const asked = [filled(1), filled(2), undefined].map((value) => maySign(value, sumOf(), log.recordFirst));
    expect(await Promise.all(asked)).toEqual([true, false, false]);
  });

  it("counts when the process was killed before the signature was made", async () => {
    const path = join(folder(), "committee.log");
    const child = spawn(process.execPath, [killedMember, path, toHex(filled(1))], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [, signal] = (await once(child, "exit")) as [number, string];
    expect(signal).toBe("SIGKILL");
    const log = logAt(path);
    expect(await log.isOver(sumOf())).toBe(true);
    expect(await maySign(filled(2), sumOf(), log.recordFirst)).toBe(false);
  });

  it("counts where its line is whole, wherever the rest was cut off", async () => {
    const record: SignRecord = { sum: sumOf({ round: 4 }), value: filled(3), at: 5 };
    const lines = [lineOf({ sum: sumOf(), value: filled(1), at: 4 }), lineOf(record)] as const;
    const path = join(folder(), "committee.log");
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: lines[1].length }), async (kept) => {
        await writeFile(path, lines.join(""));
        await truncate(path, lines[0].length + kept);
        const log = new SignLog(path, () => 6);
        const isWhole = kept >= lines[1].length - 1;
        expect(await log.isOver(record.sum)).toBe(isWhole);
        expect(await log.isOver(sumOf())).toBe(true);
        expect(await maySign(filled(9), record.sum, log.recordFirst)).toBe(!isWhole);
        await log.close();
        // what is added later is not glued to what was cut
        const again = new SignLog(path, () => 7);
        expect(await maySign(filled(8), record.sum, again.recordFirst)).toBe(false);
        await again.close();
      }),
      { numRuns: 20 },
    );
  });

  it("counts only as it was written", () => {
    const line = lineOf({ sum: sumOf(), value: filled(1), at: 4 }).trimEnd();
    expect(recordOf(line)).toBeDefined();
    for (const digit of [10, 75, 90, 120, line.length - 1]) {
      const other = line[digit] === "3" ? "4" : "3";
      expect(recordOf(line.slice(0, digit) + other + line.slice(digit + 1))).toBeUndefined();
    }
  });

  it("cannot be signed while it cannot be written or read, and is tried again", async () => {
    const path = join(folder(), "committee.log");
    const log = logAt(path);
    expect(await log.isOver(sumOf())).toBe(false);
    await mkdir(path);
    await expect(log.recordFirst(sumOf(), filled(1))).rejects.toMatchObject({ reason: "not-recorded" });
    await expect(logAt(path).isOver(sumOf())).rejects.toMatchObject({ reason: "not-recorded" });
    await rmdir(path);
    expect(await log.recordFirst(sumOf(), filled(2))).toEqual(filled(2));
  });

  it("stays unsigned where the disk fails at its line, and what was signed before stands", async () => {
    const path = join(folder(), "committee.log");
    const log = logAt(path);
    await log.recordFirst(sumOf(), filled(1));
    const handle = await open(path);
    vi.spyOn(Object.getPrototypeOf(handle) as FileHandle, "datasync").mockRejectedValueOnce(new Error("no space left"));
    await handle.close();
    await expect(log.recordFirst(sumOf({ group: 1 }), filled(2))).rejects.toMatchObject({ reason: "not-recorded" });
    // the line may be there all the same: nobody knows, and the file is written anew
    expect(await log.recordFirst(sumOf({ group: 1 }), filled(3))).toEqual(filled(3));
    const lines = (await readFile(path, "latin1")).trimEnd().split("\n");
    expect(lines.map((line) => recordOf(line)?.value[0])).toEqual([1, 3]);
  });
});

const record = (change: Partial<SumBinding>, at = 0): SignRecord => ({ sum: sumOf(change), value: filled(1), at });
const runOf = (index: number) => Uint8Array.of(...filled(0).slice(4), ...new Uint8Array(Uint32Array.of(index).buffer));

describe("the memory of what was signed", () => {
  it("keeps all of an attempt that is open, and of those that are over the newest of each run", () => {
    const before = new SignedBefore([
      record({ round: 1 }),
      record({ round: 2 }),
      record({ round: 2, attempt: 2, group: 4 }),
    ]);
    expect(before.all()).toEqual([record({ round: 2, attempt: 2, group: 4 })]);
    before.add(record({ round: 3 }));
    before.add(record({ round: 4 }));
    before.close(sumOf({ round: 4 }));
    expect(before.all().map(({ sum }) => sum.round)).toEqual([3, 4]);
    before.close(sumOf({ round: 3 }));
    expect(before.all().map(({ sum }) => sum.round)).toEqual([4]);
    const over = [{ round: 1 }, { round: 4 }, { round: 4, attempt: 2 }, { round: 5 }, { run: filled(8) }];
    expect(over.map((name) => before.isOver(sumOf(name)))).toEqual([true, true, false, false, false]);
  });

  it("forgets runs after 30 days, and the oldest of more than 10,000, but none that is open", () => {
    const old = Array.from({ length: 10_001 }, (_, index) => record({ run: runOf(index) }, day + index));
    const before = new SignedBefore(old);
    before.add(record({ run: filled(9) }, 0));
    const kept = (now: number) => {
      before.dropOld(now);
      const all = before.all().map(({ at }) => at);
      return [all.length, all[0], all.at(-1)];
    };
    expect(kept(31 * day)).toEqual([10_001, day + 1, 0]);
    expect(kept(31 * day + 5)).toEqual([9_997, day + 5, 0]);
    before.dropOld(40 * day);
    expect(before.all()).toEqual([record({ run: filled(9) }, 0)]);
  });
});

describe("a member whose process was started again", () => {
  it("has lost its keys: it signs nothing in that attempt nor an earlier one, and takes part in the next", async () => {
    const at = await StandIn.of();
    await at.signed();
    const member = at.member(0);
    await member.restart();
    expect(await member.refusal(at.signing())).toBe("unknown-attempt");
    expect(await member.refusal(at.opening(0))).toBe("keys-gone");
    expect((await member.ask(at.opening(0, { attempt: 2 }), "committee-keys")).attempt).toBe(2);
  });

  it("opens nothing of what was sealed for it before, also over an older copy of its log", async () => {
    const at = await StandIn.of();
    await at.open();
    const member = at.member(0);
    await at.upload((place) => place);
    await member.ask(at.checking(), "committee-checked");
    await member.ask(at.signing(), "committee-verdict");
    await member.restart();
    await rm(member.logPath); // as it was before the first signature
    const { keys } = await member.ask(at.opening(0), "committee-keys");
    expect(await member.refusal(at.checking())).toBe("committee-invalid");
    at.keys = [keys, ...at.keys.slice(1)];
    expect((await member.ask(at.checking(), "committee-checked")).unusable).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await member.refusal(at.signing())).toBe("upload-unknown");
  });

  it("signs nothing where its log cannot be written, and its owner hears why", async () => {
    const at = await StandIn.of();
    await at.open();
    await at.upload((place) => place);
    const member = at.member(0);
    await member.ask(at.checking(), "committee-checked");
    await mkdir(member.logPath);
    expect(await member.refusal(at.signing())).toBe("not-recorded");
    expect(member.said.unread("committee-verdict")).toBe(0);
    expect((await member.events.next("not-summing")).why).toMatch(/committee\.log/);
    await member.restart();
    // what was not begun takes no place
    for (let number = 1; number <= 17; number++)
      expect(await member.refusal(at.opening(0, { number, run: filled(number) }))).toBe("not-recorded");
    expect(await member.refusal(at.signing())).toBe("unknown-attempt");
    await rmdir(member.logPath);
    await expect(member.ask(at.opening(0), "committee-keys")).resolves.toMatchObject({ round: 1 });
  });
});
