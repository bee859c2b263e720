import type { ToAgent, ToPool } from "../../src/protocol/agent-channel.js";
import { counting, filled } from "../fixtures.js";

/** One example of every message between a pool and a committee member. Signatures are fillers: the codec does not verify them. */
type Committee<M extends { readonly type: string }> = {
  readonly [T in Extract<M["type"], `committee-${string}`>]: Omit<Extract<M, { type: T }>, "type">;
};

const statement = { body: counting(40), signature: filled(0x5a, 64) };
const attempt = { number: 6_007_199_254_740_991, round: 100_000, attempt: 2 };
const sum = { ...attempt, group: 3 };
const survivors = [0, 1, 2, 4, 5].map((place) => ({ place, statement: filled(0x30 + place) }));

export const committeeToPool: Committee<ToPool> = {
  "committee-keys": { ...attempt, keys: statement },
  "committee-checked": { ...attempt, usable: [0, 1, 999], unusable: [2] },
  "committee-verdict": { ...sum, verdict: statement },
  "committee-answered": { ...sum, answer: statement },
  "committee-shown": { ...sum, subsets: [1, 2, 3] },
  "committee-sum": { ...sum, sum: statement },
  "committee-settled": { number: attempt.number, run: statement },
  "committee-refused": { ...sum, reason: "already-signed" },
};

export const committeeToAgent: Committee<ToAgent> = {
  "committee-open": {
    ...attempt,
    run: filled(0x24),
    roster: filled(0x25),
    rosterBody: filled(0x39),
    shape: { size: 4, threshold: 1 },
    member: 2,
    agents: [filled(0x26), filled(0x27), filled(0x28), filled(0x29)],
    participants: [filled(0x2a), filled(0x2b), filled(0x2c), filled(0x2d), filled(0x2e)],
    groupOf: [0, 0, 0, 0, 0],
    floor: 5,
    length: 67_108_864,
  },
  "committee-uploads": { ...attempt, keys: [statement], uploads: [{ place: 7, statement }] },
  "committee-sign": { ...sum, survivors },
  "committee-answer": { ...sum, verdicts: [statement, statement] },
  "committee-show": { ...sum, subsets: [0, 20] },
  "committee-confirm": { ...sum, answers: [statement] },
  "committee-close": attempt,
  "committee-settle": { number: attempt.number, manifest: statement, result: filled(0x2f) },
};
