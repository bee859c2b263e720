/** Minutes of a day. */
const dayMinutes = 1_440;

/** A part of every day, in minutes after midnight: from `start` up to but without `end`, over midnight where `end` is less. */
export interface HourRange {
  /** 0 to 1439. */
  readonly start: number;
  /** 1 to 1440. */
  readonly end: number;
}

/** The ranges in text such as "22-8" or "9-12:30,22:15-6", or one sentence that says what is wrong with it. */
export function parseHours(text: string): readonly HourRange[] | string {
  const ranges: HourRange[] = [];
  for (const part of text.split(",")) {
    const [, from = "", to = ""] = /^\s*([\d:]+)\s*-\s*([\d:]+)\s*$/.exec(part) ?? [];
    const [start, end] = [parseTime(from), parseTime(to)];
    if (start === undefined || end === undefined || start === dayMinutes) {
      return `"${part.trim()}": expected hours such as 22-8 or 22:30-6:15, several with commas between`;
    }
    if (start === end) return `"${part.trim()}": a range that starts when it ends is empty; all day is 0-24`;
    ranges.push({ start, end: end === 0 ? dayMinutes : end });
  }
  return ranges;
}

/** Whether `minuteOfDay` (0 to 1439) lies in one of the ranges. */
export function isWithinHours(ranges: readonly HourRange[], minuteOfDay: number): boolean {
  return ranges.some(({ start, end }) =>
    start < end ? minuteOfDay >= start && minuteOfDay < end : minuteOfDay >= start || minuteOfDay < end,
  );
}

/** Minutes of a day that lie in one of the ranges; those in several count once. */
export function minutesWithin(ranges: readonly HourRange[]): number {
  return Array.from({ length: dayMinutes }, (_, minute) => minute).filter((minute) => isWithinHours(ranges, minute))
    .length;
}

/** "22:00-8:00, 9:00-12:30". */
export function formatHours(ranges: readonly HourRange[]): string {
  return ranges.map(({ start, end }) => `${formatTime(start)}-${formatTime(end)}`).join(", ");
}

/** Minutes after midnight of "8" or "8:15", "24" among them; undefined for anything else. */
function parseTime(text: string): number | undefined {
  const [, hour, minute = "0"] = /^(\d{1,2})(?::(\d{2}))?$/.exec(text) ?? [];
  if (hour === undefined || Number(minute) > 59) return undefined;
  const minutes = Number(hour) * 60 + Number(minute);
  return minutes <= dayMinutes ? minutes : undefined;
}

function formatTime(minutes: number): string {
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
}
