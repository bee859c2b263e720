import { templates } from "./programs.js";

/** What a canary may use, as a job's options. */
export const canaryTerms = { memory: "256MiB", timeLimitMs: 60_000, outputBytes: 65_536 } as const;

/** One job of canaries. */
export interface Canary {
  /** What it needs of a machine: "products", "walk", "words" or "mixing". */
  readonly kind: string;
  /** A module for the `js` engine, as no canary before it has been written. */
  readonly source: string;
  /** An input for each task, all of the same work. */
  readonly inputs: readonly { readonly seed: number }[];
}

/**
 * One job of each kind, with `tasks` tasks. What they compute is public, but neither program nor inputs have the same
 * bytes twice: an agent that knows canaries by a hash knows none of them.
 * @param random a number of 0 to below 2^32, unpredictable
 */
export function canaries(tasks: number, random: () => number): Canary[] {
  return Object.entries(templates).map(([kind, template]) => ({
    kind,
    source: renamed(template, random),
    inputs: Array.from({ length: tasks }, () => ({ seed: random() })),
  }));
}

/** Gives each `$name` an identifier of its own, of one length: what the names are makes no difference to an engine. */
function renamed(template: string, random: () => number): string {
  const names = new Map<string, string>();
  return template.replaceAll(/\$[a-z]+/g, (name) => {
    const chosen = names.get(name) ?? `v${names.size.toString(36)}${random().toString(36).padStart(7, "0")}`;
    names.set(name, chosen);
    return chosen;
  });
}
