import { expect, it } from "vitest";
import { rewardBounds, rewardDefaults, type RewardParameters, unfitParameter } from "../../src/rewards/parameters.js";

it("reward parameters are as they may be by default, and named where they are not", () => {
  expect(unfitParameter(rewardDefaults)).toBeUndefined();
  for (const name of Object.keys(rewardBounds) as (keyof RewardParameters)[]) {
    const [least, most] = rewardBounds[name];
    const beyond = typeof least === "bigint" ? [least - 1n, most + 1n] : [least - 1, most + 1, 700.5, Number.NaN];
    for (const value of [...beyond, "1"]) expect(unfitParameter({ ...rewardDefaults, [name]: value })).toBe(name);
  }
});
