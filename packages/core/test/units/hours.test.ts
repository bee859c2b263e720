import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatHours, type HourRange, isWithinHours, minutesWithin, parseHours } from "../../src/units/hours.js";

const range = fc
  .tuple(fc.integer({ min: 0, max: 1_439 }), fc.integer({ min: 1, max: 1_440 }))
  .filter(([start, end]) => start !== end)
  .map(([start, end]): HourRange => ({ start, end }));

describe("hours", () => {
  it("are whole hours or hours and minutes, one range or several, over midnight too", () => {
    expect(parseHours("22-8")).toEqual([{ start: 1_320, end: 480 }]);
    expect(parseHours(" 9-12:30 , 22:15-6 ")).toEqual([
      { start: 540, end: 750 },
      { start: 1_335, end: 360 },
    ]);
    expect(parseHours("0-24")).toEqual([{ start: 0, end: 1_440 }]);
    expect(parseHours("18-0")).toEqual([{ start: 1_080, end: 1_440 }]);
  });

  for (const text of ["", "22", "22-", "-8", "24-8", "25-8", "22-8:60", "22-8:5", "a-b", "22-8,", "1-2-3", "22.5-8"]) {
    it(`of "${text}" are refused in a sentence that names what was expected`, () => {
      expect(parseHours(text)).toContain("such as 22-8");
    });
  }

  it("that would be empty are refused", () => {
    expect(parseHours("8-8")).toContain("all day is 0-24");
  });

  it("hold each minute that passes from their start to their end, and no other", () => {
    fc.assert(
      fc.property(range, ({ start, end }) => {
        const passed = new Set<number>();
        for (let minute = start; minute !== end % 1_440; minute = (minute + 1) % 1_440) passed.add(minute);
        if (start === 0 && end === 1_440) for (let minute = 0; minute < 1_440; minute++) passed.add(minute);
        const held = Array.from({ length: 1_440 }, (_, minute) => minute).filter((minute) =>
          isWithinHours([{ start, end }], minute),
        );
        expect(new Set(held)).toEqual(passed);
      }),
    );
  });

  it("of several ranges are those of each", () => {
    fc.assert(
      fc.property(fc.array(range), fc.integer({ min: 0, max: 1_439 }), (ranges, minute) => {
        expect(isWithinHours(ranges, minute)).toBe(ranges.some((each) => isWithinHours([each], minute)));
      }),
    );
  });

  it("that are written read back as they were", () => {
    fc.assert(
      fc.property(fc.array(range, { minLength: 1 }), (ranges) => {
        expect(parseHours(formatHours(ranges))).toEqual(ranges);
      }),
    );
  });
});

it.each([
  ["0-24", 1_440],
  ["22-8", 600],
  ["9-12:30,12-13", 240],
  ["22-8,7-9", 660],
])("the minutes of %s are counted once each: %i", (text, minutes) => {
  const ranges = parseHours(text);
  expect(typeof ranges === "string" ? ranges : minutesWithin(ranges)).toBe(minutes);
});
