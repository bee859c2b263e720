/** Money is a whole number of nAIS (a billionth of an AIS), never a float. */
export const nanoAisPerAis = 1_000_000_000n;

/** "1.5 AIS" for 1,500,000,000 nAIS; small amounts in nAIS or µAIS, so that no digit is lost silently. */
export function formatAis(nanoAis: bigint): string {
  if (nanoAis < 100_000n) return `${nanoAis} nAIS`;
  const micro = (nanoAis + 500n) / 1_000n;
  if (micro < 100_000n) return `${micro} µAIS`;
  const [whole, rest] = [micro / 1_000_000n, (micro % 1_000_000n).toString().padStart(6, "0").replace(/0+$/, "")];
  return `${whole}${rest ? `.${rest}` : ""} AIS`;
}

/** The nAIS in "1.5" or "1.5 AIS" or "2000 nAIS"; undefined where the text is no amount or has more than nine decimals. */
export function parseAis(text: string): bigint | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?\s*(AIS|nAIS)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole = "", decimals = "", unit = "AIS"] = match;
  if (unit === "nAIS") return decimals === "" ? BigInt(whole) : undefined;
  return BigInt(whole) * nanoAisPerAis + BigInt(decimals.padEnd(9, "0"));
}
