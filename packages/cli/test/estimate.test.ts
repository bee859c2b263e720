import { AegisError } from "@aegis-pool/core";
import { describe, expect, test } from "vitest";
import { estimateOf, estimateText } from "../src/earnings/estimate.js";
import { readLent } from "../src/earnings/lent.js";

const flags = { device: "RTX 4090", share: "100%", hours: "0-24" };
const price = { price: 3_087, from: "the default" };
const ais = (flagsOf: Parameters<typeof readLent>[0]) =>
  estimateOf(readLent(flagsOf), price).months.map(({ availability, work }) => Number(availability + work) / 1e9);

describe("aegis earnings estimate", () => {
  test("gives a low, a likely and a high month: 51, 66 and 81 AIS for all of an RTX 4090", () => {
    const { months } = estimateOf(readLent(flags), price);
    expect(months.map(({ name }) => name)).toEqual(["low", "likely", "high"]);
    expect(ais(flags).map(Math.round)).toEqual([51, 66, 81]);
  });

  test("scales by share and hours, whichever way the share is written", () => {
    const [whole = 0] = ais(flags);
    expect(ais({ ...flags, share: "50%", hours: "22-8" })[0]).toBeCloseTo((whole * 0.5 * 10) / 24, 5);
    expect(ais({ ...flags, share: "gpu=0:50%" })[0]).toBeCloseTo(whole / 2, 5);
    expect(ais({ ...flags, device: "Ryzen 9 7950X", share: "cpu=50%" })).toEqual(
      ais({ ...flags, device: "Ryzen 9 7950X", share: "50%" }),
    );
  });

  test("counts electricity by the device's board power, at the price that is given", () => {
    const { months } = estimateOf(readLent({ ...flags, share: "50%", electricity: "0.30" }), price);
    expect(months[0]?.electricityCost).toBeCloseTo(0.225 * 730 * 0.48 * 0.3, 6);
    expect(estimateOf(readLent(flags), price).months[0]?.electricityCost).toBeUndefined();
  });

  test("prints every assumption, and that it is no promise", () => {
    const text = estimateText(estimateOf(readLent({ ...flags, hours: "22-8", electricity: "0.30" }), price));
    for (const words of [
      "no promise",
      "10.0 hours a day",
      "3087 nAIS",
      "48% (low)",
      "140,000 SCU",
      "450 W",
      "0.3 a kWh",
    ]) {
      expect(text).toContain(words);
    }
  });

  test.each([
    [{ device: "RTX 4095" }, /"RTX 4095" is not in the table of devices.*RTX 4090/],
    [{ share: "0%" }, /--share "0%".*1% to 100%/],
    [{ share: "101%" }, /--share "101%".*1% to 100%/],
    [{ share: "half" }, /--share "half"/],
    [{ share: "cpu=50%" }, /--share "cpu=50%": it lends nothing of NVIDIA GeForce RTX 4090/],
    [{ hours: "25-3" }, /--hours "25-3": expected hours such as 22-8/],
    [{ hours: "8-8" }, /--hours "8-8"/],
    [{ electricity: "-1" }, /--electricity "-1" is no price/],
    [{ electricity: "cheap" }, /--electricity "cheap" is no price/],
    [{ device: "Apple M1", electricity: "0.3" }, /Apple M1/],
  ])("refuses %j, naming the value and what is allowed", (change, words) => {
    expect(() => readLent({ ...flags, ...change })).toThrow(AegisError);
    expect(() => readLent({ ...flags, ...change })).toThrow(words);
  });
});
