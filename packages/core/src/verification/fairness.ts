/** What a requester has made of the runs that it was to judge, over all its jobs. */
export interface JudgementRecord {
  /** Runs that it has judged, the rejected among them. */
  readonly judged: number;
  readonly rejected: number;
}

/** How many runs a requester may reject without paying for them. */
export const fairRejection = {
  /** One of so many that it has judged: twice what a tenth of wrong results would come to. */
  oneIn: 5,
  /** Whoever has judged fewer may reject as many as if it had judged these: two, since anybody can come under a new key. */
  newcomerRuns: 10,
};

export const noJudgements: JudgementRecord = { judged: 0, rejected: 0 };

/**
 * Weighs one more judgement. What a requester rejects counts as rejected also where it is charged for it: whoever rejects everything is
 * charged for ever, and whoever was wrong about its own tolerance is believed again when it has accepted enough.
 * @returns its record from then on, and whether what it rejects now is within a fair part: else it is paid all the same
 */
export function judge(
  before: JudgementRecord,
  { accepted, rejected }: { readonly accepted: number; readonly rejected: number },
): { readonly record: JudgementRecord; readonly isFair: boolean } {
  const record = { judged: before.judged + accepted + rejected, rejected: before.rejected + rejected };
  const { oneIn, newcomerRuns } = fairRejection;
  const isFair = rejected === 0 || record.rejected * oneIn <= Math.max(record.judged, newcomerRuns);
  return { record, isFair };
}
