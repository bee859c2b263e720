import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verdictOf, verificationRules as rules } from "../../src/index.js";

/** The answers "aaab" as four operators give them. */
const verdict = (answers: string, agreeing = 2) => verdictOf(answers.split(""), agreeing, rules);

describe("the verdict on a task's answers", () => {
  it("is the answer on which as many operators agree as were asked for, where nobody dissents", () => {
    expect(verdict("a")).toEqual({ kind: "undecided", runs: 1 });
    expect(verdict("aa")).toEqual({ kind: "agreed", answer: "a" });
    expect(verdict("aa", 3)).toEqual({ kind: "undecided", runs: 1 });
    expect(verdict("aaa", 3)).toEqual({ kind: "agreed", answer: "a" });
  });

  it("needs a lead of six once anybody dissents: two against one decide nothing", () => {
    expect(verdict("aab")).toEqual({ kind: "undecided", runs: 5 });
    expect(verdict("aaaaaab")).toEqual({ kind: "undecided", runs: 1 });
    expect(verdict("aaaaaaab")).toEqual({ kind: "agreed", answer: "a" });
    expect(verdict("baaaaaaaabc")).toEqual({ kind: "agreed", answer: "a" });
  });

  it("blames the program where five operators give five answers, or nobody comes to lead", () => {
    expect(verdict("ab")).toEqual({ kind: "undecided", runs: 3 });
    expect(verdict("abc")).toEqual({ kind: "undecided", runs: 2 });
    expect(verdict("abcde")).toEqual({ kind: "nondeterministic" });
    expect(verdict("aabcd")).toEqual({ kind: "undecided", runs: 5 });
    expect(verdict("ab".repeat(12))).toEqual({ kind: "nondeterministic" });
  });

  it("hangs neither on the order of answers nor on their words, and never asks for more runs than there may be", () => {
    const answers = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 24 });
    fc.assert(
      fc.property(answers, fc.array(fc.nat(), { minLength: 24, maxLength: 24 }), (given, keys) => {
        const shuffled = given
          .map((answer, index) => [keys[index] ?? 0, answer] as const)
          .toSorted(([one], [other]) => one - other)
          .map(([, answer]) => answer);
        const renamed = given.map((answer) => `other ${answer}`);
        const found = verdictOf(given, 2, rules);
        expect(verdictOf(shuffled, 2, rules)).toEqual(found);
        expect(verdictOf(renamed, 2, rules).kind).toBe(found.kind);
        expect(given.length + (found.kind === "undecided" ? found.runs : 0)).toBeLessThanOrEqual(rules.mostRuns);
      }),
    );
  });

  it("is never for an answer that a fifth of all operators, lying together, gives, but for once in thousands of disputes", () => {
    // from one against one, each next answer a lie with probability 0.2: the gambler's ruin, 1 / (1 + 4^6) = 0.00024
    let [random, wrong, disputes] = [1, 0, 20_000];
    const next = () => (random = (random * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (let dispute = 0; dispute < disputes; dispute++) {
      const answers = ["right", "lie"];
      let found = verdictOf(answers, 2, rules);
      while (found.kind === "undecided") {
        for (let run = 0; run < found.runs; run++) answers.push(next() < 0.2 ? "lie" : "right");
        found = verdictOf(answers, 2, rules);
      }
      if (found.kind === "agreed" && found.answer === "lie") wrong++;
    }
    expect(wrong / disputes).toBeLessThan(0.001);
  });
});
