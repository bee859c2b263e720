import { AegisError } from "@aegis-pool/core";

const unitMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** ms in "500ms", "30s", "5min" or "2h". @throws {AegisError} `bad-argument` */
export function parseDuration(text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|h|d)$/.exec(text.trim());
  const unit = unitMs[match?.[2] ?? ""];
  if (match && unit) return Math.round(Number(match[1]) * unit);
  throw new AegisError({
    code: "bad-argument",
    message: `"${text}" is not a duration.`,
    next: 'Give one such as "30s", "5min" or "2h".',
  });
}

/** "1 min 5 s" for 65,000 ms. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${(ms / 1_000).toFixed(1)} s`;
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** "40 s" for 39,630 ms: no more exact than an estimate is. */
export function formatEstimate(ms: number): string {
  const step = ms < 1_000 ? 10 : ms < 10_000 ? 100 : ms < 100_000 ? 1_000 : 10_000;
  const rounded = Math.max(step, Math.round(ms / step) * step);
  return formatDuration(rounded)
    .replace(/\.0 s$/, " s")
    .replace(/ 0 s$/, "");
}
