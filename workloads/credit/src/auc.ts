/**
 * The area under the ROC curve: the probability that a positive has a higher score than a negative, where equal scores
 * count half. Exact, by mid-ranks (Mann and Whitney 1947; Hanley and McNeil 1982). `labels` are 0 or 1. NaN where one
 * kind is missing. Throws a RangeError where a score is not a number or the lengths differ.
 */
export function areaUnderCurve(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  if (scores.length !== labels.length) throw new RangeError(`${scores.length} scores for ${labels.length} labels`);
  const order = Array.from({ length: scores.length }, (_, at) => at);
  const nameless = order.find((at) => Number.isNaN(scores[at]));
  if (nameless !== undefined) throw new RangeError(`score ${nameless} is not a number`);
  order.sort((one, other) => scores[one]! - scores[other]!);
  let [positives, ranks] = [0, 0];
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && scores[order[end]!] === scores[order[start]!]) end++;
    const tied = order.slice(start, end).reduce((sum, at) => sum + (labels[at] === 1 ? 1 : 0), 0);
    positives += tied;
    ranks += (tied * (start + 1 + end)) / 2;
  }
  const negatives = order.length - positives;
  return (ranks - (positives * (positives + 1)) / 2) / (positives * negatives);
}
