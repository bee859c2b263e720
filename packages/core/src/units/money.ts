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

/** The nAIS in "1.5", "1.5 AIS", "150 µAIS" or "2000 nAIS"; undefined where the text is no amount or finer than a nAIS. */
export function parseAis(text: string): bigint | undefined {
  const match = /^(\d{1,9})(?:\.(\d{1,9}))?\s*(AIS|µAIS|nAIS)?$/.exec(text.trim());
  if (!match) return undefined;
  const [, whole = "", decimals = "", unit = "AIS"] = match;
  const places = { AIS: 9, µAIS: 3, nAIS: 0 }[unit] ?? 0;
  return decimals.length > places ? undefined : BigInt(whole + decimals.padEnd(places, "0"));
}
