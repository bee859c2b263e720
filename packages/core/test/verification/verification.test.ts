import { beforeEach, describe, expect, it } from "vitest";
import {
  checkProbability,
  type CheckedRun,
  Verification,
  type VerificationEffect,
  verificationRules as rules,
} from "../../src/index.js";

type Effect = VerificationEffect<CheckedRun>;

/** What chance decides next; 1: nothing is checked that need not be. */
let chance: number;
let verification: Verification<CheckedRun>;
let task: number;
beforeEach(() => {
  [chance, task] = [0.999, 0];
  verification = new Verification(() => chance);
});

const run = (number: number, runner: string): CheckedRun => ({
  task: number,
  runner,
  operator: runner,
  agreeing: 2,
});
const kinds = (effects: readonly Effect[]) => effects.map(({ kind }) => kind);

/** Others run the task and show what they have, everybody at once. */
function answers(first: CheckedRun, answer: string, others: Readonly<Record<string, string>>): Effect[] {
  const runs = Object.entries(others).map(([runner, other]) => [run(first.task, runner), other] as const);
  for (const [other] of runs) verification.replicated(other);
  return verification.revealed(first.task, [[first, answer], ...runs]);
}

/** A checked task that `runner` gets right. */
function passes(runner: string): Effect[] {
  const first = run(++task, runner);
  const before = chance;
  chance = 0;
  verification.completed(first);
  chance = before;
  return answers(first, "right", { "another-operator": "right" });
}

/** So many tasks that it gets right. */
function becomesTrusted(runner: string, results = rules.noviceResults): void {
  for (let result = 0; result < results; result++) passes(runner);
}

/** A task on which two have agreed, which a novice may run. */
function lesson(): Effect[] {
  const first = run(++task, "a");
  verification.completed(first);
  chance = 0.15;
  return answers(first, "right", { b: "right" });
}

/** A task that is not checked. */
function unchecked(runner: string): CheckedRun {
  const first = run(++task, runner);
  expect(kinds(verification.completed(first))).toEqual(["held"]);
  return first;
}

describe("how often results are checked", () => {
  it("is always below ten valid ones in a row and up to thirty, then ever less, and never under a twentieth", () => {
    expect([0, 9, 10, 30].map((valid) => checkProbability(valid))).toEqual([1, 1, 1, 1]);
    expect([60, 300, 600, 1_000_000].map((valid) => checkProbability(valid))).toEqual([0.5, 0.1, 0.05, 0.05]);
  });
});

describe("verification", () => {
  it("asks for one more run of a checked task, by anybody but its operator, and shows no answer before both have ended", () => {
    const first = run(1, "a");
    expect(verification.completed(first)).toEqual([{ kind: "replicate", task: 1, first, runs: 1, except: ["a"] }]);
    const second = run(1, "b");
    expect(verification.replicated(second)).toEqual([{ kind: "reveal", task: 1, runs: [first, second] }]);
    const effects = verification.revealed(1, [
      [first, "x"],
      [second, "x"],
    ]);
    expect(effects).toEqual([{ kind: "final", task: 1, paid: [first, second], extra: [] }]);
    expect([verification.trustOf("a").valid, verification.trustOf("b").valid]).toEqual([1, 1]);
  });

  it("shows no answer while a run that was asked for has not ended", () => {
    const [first, second, third] = ["a", "b", "c"].map((runner) => ({ ...run(1, runner), agreeing: 3 }));
    if (!first || !second || !third) throw new Error("there are three");
    expect(verification.completed(first)).toEqual([{ kind: "replicate", task: 1, first, runs: 2, except: ["a"] }]);
    expect(verification.replicated(second)).toEqual([]);
    expect(verification.replicated(third)).toEqual([{ kind: "reveal", task: 1, runs: [first, second, third] }]);
  });

  it("begins anew with who does not show what it has, and checks what is held of it", () => {
    becomesTrusted("a", 60);
    const held = unchecked("a");
    chance = 0;
    const first = run(++task, "a");
    verification.completed(first);
    verification.replicated(run(task, "b"));
    expect(verification.silent(first)).toMatchObject([{ kind: "replicate", task: held.task }]);
    expect(verification.trustOf("a")).toMatchObject({ valid: 0, disproved: 0 });
  });

  it("holds what is not checked until its agent has passed two more checks of its own results", () => {
    becomesTrusted("a", 60);
    const held = unchecked("a");
    expect(kinds(passes("a"))).not.toContainEqual({ kind: "final", task: held.task, paid: [held], extra: [] });
    expect(passes("a")).toContainEqual({ kind: "final", task: held.task, paid: [held], extra: [] });
    expect(verification.trustOf("a").held).toBe(0);
  });

  it("makes no result final because its agent has checked others rightly: it may know whom it checks", () => {
    becomesTrusted("a", 60);
    unchecked("a");
    for (let check = 0; check < 5; check++) {
      chance = 0.9;
      const first = run(++task, "novice");
      verification.completed(first);
      answers(first, "right", { a: "right" });
    }
    expect(verification.trustOf("a").held).toBe(1);
  });

  it("checks all that is held of an agent when one of its results is wrong, and begins anew with it", () => {
    becomesTrusted("liar", 60);
    const held = [unchecked("liar"), unchecked("liar")];
    chance = 0;
    const first = run(++task, "liar");
    verification.completed(first);
    chance = 0.999;
    expect(kinds(answers(first, "lie", { b: "right" }))).toEqual(["replicate"]);
    const effects = answers(first, "lie", { c: "right", d: "right", e: "right", f: "right", g: "right", h: "right" });
    expect(kinds(effects)).toEqual(["final", "disproved", "replicate", "replicate"]);
    expect(effects[0]).toMatchObject({ paid: [{ runner: "b" }, { runner: "c" }] });
    expect(effects.slice(2)).toMatchObject(held.map((suspect) => ({ task: suspect.task, except: ["liar"] })));
    expect(verification.trustOf("liar").valid).toBe(0);
    expect(verification.isTrusted("liar")).toBe(false);
  });

  it("forgives the first wrong result, and one after a thousand valid ones; no other", () => {
    const forgiven: boolean[] = [];
    const isWrong = () => {
      chance = 0;
      const first = run(++task, "a");
      verification.completed(first);
      chance = 0.999;
      const seven = Object.fromEntries(["b", "c", "d", "e", "f", "g", "h"].map((runner) => [runner, "right"]));
      const [, disproved] = answers(first, "lie", seven);
      if (disproved?.kind === "disproved") forgiven.push(disproved.isForgiven);
    };
    isWrong();
    becomesTrusted("a", 999);
    isWrong();
    becomesTrusted("a", 1_000);
    isWrong();
    expect(forgiven).toEqual([true, false, true]);
  });

  it("now and then has a third operator look where two agree: they may be one", () => {
    const first = run(1, "a");
    verification.completed(first);
    chance = rules.auditProbability / 2;
    expect(answers(first, "lie", { b: "lie" })).toEqual([
      { kind: "replicate", task: 1, first, runs: 1, except: ["a", "b"] },
    ]);
    expect(kinds(answers(first, "lie", { c: "right" }))).toEqual(["replicate"]);
  });

  it("believes the two that agree where no third can be had, and nobody where they do not", () => {
    const first = run(1, "a");
    verification.completed(first);
    chance = rules.auditProbability / 2;
    const second = run(1, "b");
    verification.replicated(second);
    verification.revealed(1, [
      [first, "x"],
      [second, "x"],
    ]);
    expect(verification.unavailable(1)).toEqual([{ kind: "final", task: 1, paid: [first, second], extra: [] }]);
    const other = run(2, "a");
    verification.completed(other);
    answers(other, "x", { b: "y" });
    expect(verification.unavailable(2)).toEqual([]);
    expect(verification.open).toBe(0);
  });

  it("pays everybody and blames nobody where each run gives another result", () => {
    const first = run(1, "a");
    verification.completed(first);
    const effects = answers(first, "1", { b: "2", c: "3", d: "4", e: "5" });
    expect(effects).toMatchObject([{ kind: "nondeterministic", task: 1 }]);
    expect(["a", "b", "c", "d", "e"].map((runner) => verification.trustOf(runner).disproved)).toEqual([0, 0, 0, 0, 0]);
  });
});

describe("a novice", () => {
  it("is taught by tasks whose answers are agreed, and is trusted after ten", () => {
    for (let taught = 0; taught < rules.noviceResults; taught++) {
      expect(lesson()).toContainEqual({ kind: "train", task, except: ["a", "b"] });
      expect(kinds(verification.trained(run(task, "novice"), "right"))).toEqual(["held"]);
    }
    expect(verification.isTrusted("novice")).toBe(true);
    expect(verification.trustOf("novice").held).toBe(rules.noviceResults);
  });

  it("that answers otherwise begins anew, and is not punished", () => {
    lesson();
    verification.trained(run(task, "novice"), "right");
    lesson();
    expect(kinds(verification.trained(run(task, "novice"), "lie"))).toEqual(["failed-training"]);
    expect(verification.trustOf("novice")).toMatchObject({ valid: 0, disproved: 0 });
  });
});
