import { expect, it } from "vitest";
import { protocolLimits } from "@aegis-pool/core";
import { Sandboxes } from "../../src/services/market/sandboxes.js";

const task = (job: string, { held = 0, slots = 1, agent = "a" } = {}) => ({ agent, job, slots, held });

it("the first task of a job on an agent starts a sandbox, the next do not", () => {
  const sandboxes = new Sandboxes();
  expect([0, 1_000, 2_000].map((now) => sandboxes.take(task("j"), now))).toEqual([true, false, false]);
  expect(sandboxes.take(task("j", { agent: "b" }), 2_000)).toBe(true);
});

it("a sandbox without work is closed after a while, which begins anew with each task", () => {
  const sandboxes = new Sandboxes();
  sandboxes.take(task("j"), 0);
  sandboxes.used("a", "j", 60_000);
  expect(sandboxes.take(task("j"), 60_000 + protocolLimits.sandboxIdleMs - 1)).toBe(false);
  expect(sandboxes.take(task("j"), 60_000 + 2 * protocolLimits.sandboxIdleMs)).toBe(true);
});

it("another job takes the place of the one that was there", () => {
  const sandboxes = new Sandboxes();
  const jobs = ["j", "k", "j"];
  expect(jobs.map((job, now) => sandboxes.take(task(job), now))).toEqual([true, true, true]);
});

it("two slots have two jobs, and lose the one that was used longest ago", () => {
  const sandboxes = new Sandboxes();
  const jobs = ["j", "k", "j", "l", "j", "k"];
  const fresh = jobs.map((job, now) => sandboxes.take(task(job, { slots: 2 }), now));
  expect(fresh).toEqual([true, true, false, true, false, true]);
});

it("tasks at the same time each start a sandbox, as long as there are slots; whoever waits for one finds it started", () => {
  const sandboxes = new Sandboxes();
  const fresh = [0, 1, 2, 3].map((held) => sandboxes.take(task("j", { slots: 2, held }), 0));
  expect(fresh).toEqual([true, true, false, false]);
});

it("a task that runs for long keeps its sandbox", () => {
  const sandboxes = new Sandboxes();
  sandboxes.take(task("j"), 0);
  expect(sandboxes.take(task("j", { held: 1 }), 3_600_000)).toBe(false);
});

it("nothing is known of an agent that has been away", () => {
  const sandboxes = new Sandboxes();
  sandboxes.take(task("j"), 0);
  sandboxes.forget("a");
  expect(sandboxes.take(task("j"), 1)).toBe(true);
});
