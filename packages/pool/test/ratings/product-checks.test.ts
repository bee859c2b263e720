import { drawRows, type SpeedChallenge } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { afterAll, describe, expect, it } from "vitest";
import { present } from "../../../../test/fixtures/present.js";
import { ProductChecks } from "../../src/services/ratings/product-checks.js";
import { honestCommitment, skipping } from "./speed.js";

const checks = new ProductChecks();
afterAll(() => checks.close());

const challenge: SpeedChallenge = { seed: primitives.randomBytes(32), size: 256, blocks: 1, steps: 4 };
const answerOf = (commit: typeof honestCommitment) => {
  const commitment = commit(challenge);
  const indices = drawRows(challenge, primitives);
  return { root: commitment.root, indices, rows: present(commitment.open(indices)) };
};

describe("checks in a thread of their own", () => {
  it("tell right answers from wrong ones, each its own verdict", async () => {
    const [right, wrong] = [answerOf(honestCommitment), answerOf((asked) => skipping(asked, 2))];
    const verdicts = await Promise.all([right, wrong, right].map((answer) => checks.check(challenge, answer)));
    expect(verdicts).toEqual([undefined, "product-wrong", undefined]);
  });

  it("fail where the thread breaks, and go on in another", async () => {
    const answer = answerOf(honestCommitment);
    const unreadable = { ...answer, rows: [null as never, ...answer.rows.slice(1)] };
    await expect(checks.check(challenge, unreadable)).rejects.toThrow(TypeError);
    await expect(checks.check(challenge, answer)).resolves.toBeUndefined();
  });
});
