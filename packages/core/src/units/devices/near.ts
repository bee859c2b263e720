/** Names that are shown of those that are near. */
const shown = 5;

/** Of `names` those most like `text`, the likest first: by the pairs of letters and digits that both have. */
export function namesLike(text: string, names: readonly string[]): string[] {
  const wanted = pairsOf(text);
  const likeness = (name: string): number => {
    const pairs = pairsOf(name);
    return [...pairs].filter((pair) => wanted.has(pair)).length / (pairs.size + wanted.size);
  };
  return names.toSorted((one, other) => likeness(other) - likeness(one)).slice(0, shown);
}

function pairsOf(text: string): Set<string> {
  const plain = text.toLowerCase().replace(/[^a-z0-9]/g, "");
  return new Set(Array.from({ length: Math.max(0, plain.length - 1) }, (_, at) => plain.slice(at, at + 2)));
}
