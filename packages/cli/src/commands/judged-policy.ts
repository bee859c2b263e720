import type { JudgedOption } from "@aegis-pool/sdk";

const form = /^judged(?::(?<runs>\d+)(?::(?<tolerance>[0-9.e-]+)(?::(?<bytes>float32|float64|safetensors))?)?)?$/;

/** The policy in such as judged:3:1e-6:float32; undefined: it is none of these. The SDK refuses numbers that are out of range. */
export function parseJudged(text: string): JudgedOption | undefined {
  const groups = form.exec(text)?.groups;
  if (!groups) return undefined;
  const { runs, tolerance, bytes } = groups;
  return {
    policy: "judged",
    runs: runs === undefined ? undefined : Number(runs),
    tolerance: tolerance === undefined ? undefined : Number(tolerance),
    bytes: bytes as "float32" | "float64" | "safetensors" | undefined,
  };
}
