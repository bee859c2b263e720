import { describe, expect, it } from "vitest";
import { BackOffs } from "../../src/market/back-off.js";

describe("an agent that fails", () => {
  it("is left alone for a second, and for twice as long each time, up to ten minutes", () => {
    const backOffs = new BackOffs();
    const pauses = Array.from({ length: 12 }, (_, index) => {
      backOffs.failed("a", `job-${index}`, 5_000);
      return backOffs.until("a") - 5_000;
    });
    expect(pauses.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
    expect(pauses.slice(9)).toEqual([512_000, 600_000, 600_000]);
    expect(backOffs.until("b")).toBe(0);
  });

  it("starts anew after a task that it brought to its end", () => {
    const backOffs = new BackOffs();
    for (const job of ["x", "y", "z"]) backOffs.failed("a", job, 0);
    backOffs.succeeded("a");
    expect(backOffs.until("a")).toBe(0);
    backOffs.failed("a", "x", 100);
    expect(backOffs.until("a")).toBe(1_100);
  });

  it("is not blamed again and again for one job that breaks whatever runs it", () => {
    const backOffs = new BackOffs();
    for (const now of [0, 2_000, 4_000]) backOffs.failed("a", "poison", now);
    expect(backOffs.until("a")).toBe(5_000);
  });

  it("is named once when its pause is over", () => {
    const backOffs = new BackOffs();
    backOffs.failed("a", "x", 0);
    expect(backOffs.takeEnded(999)).toEqual([]);
    expect(backOffs.takeEnded(1_000)).toEqual(["a"]);
    expect(backOffs.takeEnded(2_000)).toEqual([]);
  });

  it("is forgotten where twenty thousand others failed since", () => {
    const backOffs = new BackOffs();
    for (let agent = 0; agent <= 20_000; agent++) backOffs.failed(`agent-${agent}`, "x", 0);
    expect([backOffs.until("agent-0"), backOffs.until("agent-1")]).toEqual([0, 1_000]);
  });
});
