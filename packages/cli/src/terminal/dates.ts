/** "2026-11-23 19:00 UTC". @param at ms since 1970 */
export function dateOf(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
