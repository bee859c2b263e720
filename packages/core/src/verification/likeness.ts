/** What several runs of a task amount to where only the requester can compare them. */
export interface Likeness {
  /** The run that most others agree with, by its place; of several the first. */
  readonly chosen: number;
  /** That one and all that agree with it, in ascending order: two at least. */
  readonly accepted: readonly number[];
}

/**
 * The largest set of which all agree with one of it; undefined where no two agree. All that agree with one another would be another
 * set, since agreement within a tolerance need not carry over: two that agree with a third may differ by twice as much.
 * @param agree whether the runs in two places agree, which is the same both ways
 */
export function likenessOf(runs: number, agree: (one: number, other: number) => boolean): Likeness | undefined {
  const circles = Array.from({ length: runs }, (_, place) => [place]);
  for (let one = 0; one < runs; one++) {
    for (let other = one + 1; other < runs; other++) {
      if (!agree(one, other)) continue;
      circles[one]?.push(other);
      circles[other]?.push(one);
    }
  }
  const most = Math.max(0, ...circles.map(({ length }) => length));
  const chosen = circles.findIndex(({ length }) => length === most);
  const accepted = circles[chosen]?.toSorted((one, other) => one - other) ?? [];
  return accepted.length < 2 ? undefined : { chosen, accepted };
}
