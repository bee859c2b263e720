import { describe, expect, it } from "vitest";
import { webgpuProgram } from "../src/index.js";
import { jobTerms } from "../src/options.js";
import { program } from "./fixtures.js";

const onCard = webgpuProgram("export default () => 1;");
const cardOf = (part: string, memory?: number | string) =>
  jobTerms(onCard, { card: { part, memory } }).requirements.card;

describe("a part of a graphics card", () => {
  it("is given in percent, with the memory that has to come with it", () => {
    expect(cardOf("25%", "2GiB")).toEqual({ thousandths: 250, memoryBytes: 2 * 1024 ** 3 });
    expect(cardOf("12.5%", 1_000)).toEqual({ thousandths: 125, memoryBytes: 1_000 });
    expect(cardOf("100%")).toEqual({ thousandths: 1_000, memoryBytes: 0 });
    expect(jobTerms(onCard, {}).requirements.card).toBeUndefined();
  });

  it.each(["4.9%", "100.1%", "25", "quarter", "-5%", "1e1%", ""])("is refused as %j, with what is allowed", (part) => {
    expect(() => cardOf(part)).toThrow(/card .*5% to 100%/);
  });

  it.each([-1, 0.5, "much", 2 ** 41])("is refused with the memory %j", (memory) => {
    expect(() => cardOf("25%", memory)).toThrow(/card memory/);
  });

  it("is refused for an engine that has no use for it, and for a gang", () => {
    expect(() => jobTerms(program, { card: { part: "25%" } })).toThrow(/engine js has no use/);
    expect(() => jobTerms(onCard, { card: { part: "25%" }, gang: 2 })).toThrow(/gang take whole cards/);
  });
});
