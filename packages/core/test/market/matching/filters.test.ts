import { describe, expect, it } from "vitest";
import { refusingFilter } from "../../../src/market/matching/filters.js";
import type { AttestedPolicy } from "../../../src/index.js";
import { toHex } from "../../../src/shared/bytes.js";
import { filled } from "../../fixtures.js";
import { group, mebibyte, terms } from "./fixtures.js";

describe("the filter that refuses", () => {
  it("is named, the cheapest to check first", () => {
    expect(refusingFilter(group(), terms())).toBeUndefined();
    expect(refusingFilter(group(), terms({}, { engines: ["wasm"], memoryBytes: 0 }))).toBe("engine");
    const small = terms({ floorPrice: 9_999 }, { memoryBytes: 256 * mebibyte - 1 });
    expect(refusingFilter(group(), small)).toBe("memory");
  });

  it("lets no device run what is paid by the speed of another class", () => {
    expect(refusingFilter(group(), terms({}, { class: "webgpu", engines: ["js"] }))).toBe("engine");
  });

  it("holds for just enough memory and the very price", () => {
    expect(refusingFilter(group(), terms({}, { memoryBytes: 256 * mebibyte }))).toBeUndefined();
    expect(refusingFilter(group(), terms({ floorPrice: 4_001 }))).toBe("price");
    expect(refusingFilter(group(), terms({ floorPrice: 4_000 }))).toBeUndefined();
  });

  it("keeps to the operators that the requester pins or excludes", () => {
    const [mine, other] = [filled(0xa), filled(0xb)];
    const operator = toHex(mine);
    expect(refusingFilter(group({}, { operators: [other, mine] }), terms({ operator }))).toBeUndefined();
    expect(refusingFilter(group({}, { operators: [other] }), terms({ operator }))).toBe("operator");
    expect(refusingFilter(group({}, { excludedOperators: [other] }), terms({ operator }))).toBeUndefined();
    expect(refusingFilter(group({}, { excludedOperators: [other, mine] }), terms({ operator }))).toBe("operator");
    const both = { operators: [mine], excludedOperators: [mine] };
    expect(refusingFilter(group({}, both), terms({ operator }))).toBe("operator");
  });

  it("keeps for bonded operators what is theirs first", () => {
    const first = { ...group(), isForBonded: true };
    expect(refusingFilter(first, terms())).toBe("bond");
    expect(refusingFilter(first, terms({ isBonded: true }))).toBeUndefined();
  });

  it("keeps to machines that have proven what the requester lists, on the least firmware that it names", () => {
    const [known, other] = [filled(1, 48), filled(2, 48)];
    const tcb = { fmc: 0, bootLoader: 4, tee: 1, snp: 23, microcode: 200 };
    const machine = terms({ proven: { product: "Milan", measurement: known, tcb } });
    const asked = (rest: Partial<AttestedPolicy>, measurements = [other, known]) =>
      group({}, { verification: { policy: "attested", measurements, ...rest } });
    expect(refusingFilter(asked({}), machine)).toBeUndefined();
    expect(refusingFilter(asked({}), terms())).toBe("attested");
    expect(refusingFilter(asked({}, [other]), machine)).toBe("attested");
    expect(refusingFilter(asked({ leastTcb: { Milan: { snp: 23, bootLoader: 4 } } }), machine)).toBeUndefined();
    expect(refusingFilter(asked({ leastTcb: { Milan: { snp: 24 } } }), machine)).toBe("attested");
    expect(refusingFilter(asked({ leastTcb: { Genoa: { snp: 1 } } }), machine)).toBe("attested");
    expect(refusingFilter(group(), machine)).toBeUndefined();
  });

  it("keeps from a requester the agents it has refused", () => {
    expect(refusingFilter(group({ refused: new Set(["a"]) }), terms({ agent: "a" }))).toBe("requester");
    expect(refusingFilter(group({ refused: new Set(["b"]) }), terms({ agent: "a" }))).toBeUndefined();
  });
});
