import { describe, expect, it } from "vitest";
import { type VerifyFlags, verifyOf } from "../src/commands/verify-flags.js";

const measurement = ["ab".repeat(48)];

const malformed = ["Rome:snp=1", "Milan", "Milan:snp", "Milan:snp=1000", "Milan:snp=1,,", "Milan:gpu=1"].map(
  (text): [VerifyFlags, RegExp] => [
    { verify: "attested", measurement, leastTcb: [text] },
    /not of the form KIND:PART=NUMBER/,
  ],
);

describe("--verify", () => {
  it("asks for nothing, for checks by others, or for attested machines", () => {
    expect(verifyOf({})).toBeUndefined();
    expect(verifyOf({ verify: "spot" })).toBe("spot");
    expect(verifyOf({ verify: "attested", measurement })).toEqual({ policy: "attested", measurements: measurement });
  });

  it("takes the least firmware of each kind of processor, whatever the case", () => {
    const leastTcb = ["genoa:bootloader=10,SNP=23", "Turin:fmc=1"];
    expect(verifyOf({ verify: "attested", measurement, leastTcb })).toMatchObject({
      leastTcb: { Genoa: { bootLoader: 10, snp: 23 }, Turin: { fmc: 1 } },
    });
  });

  it.each<[VerifyFlags, RegExp]>([
    [{ verify: "attested" }, /does not say how machines may have been started/],
    [{ measurement }, /--measurement says something of attested machines, and none are asked for/],
    [{ verify: "spot", leastTcb: ["Milan:snp=1"] }, /--least-tcb says something of attested machines/],
    ...malformed,
    [{ verify: "attested", measurement, leastTcb: ["Milan:snp=1", "milan:snp=2"] }, /"milan:snp=2" is not/],
  ])("%j is refused in words", (flags, words) => {
    expect(() => verifyOf(flags)).toThrow(words);
  });
});
