const mebibyte = 1024 ** 2;

/*
 * Trees prune by whole mebibytes, rounded so that nothing that fits is pruned; the filter then looks at bytes. Small whole
 * numbers are kept in a tree's nodes as they are, others apart from them: a third of a decision's time.
 */

/** What a task needs, in MiB, or a little less. */
export function atLeastMebibytes({ memoryBytes }: { readonly memoryBytes: number }): number {
  return Math.floor(memoryBytes / mebibyte);
}

/** What an agent lends to a task, in MiB, or a little more. */
export function atMostMebibytes({ memoryBytes }: { readonly memoryBytes: number }): number {
  return Math.ceil(memoryBytes / mebibyte);
}
