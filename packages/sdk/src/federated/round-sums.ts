import {
  type AttemptView,
  type Committee,
  decodeStep,
  type GroupSum,
  type GroupView,
  lengthOf,
  memberSum,
  nextHistory,
  openSum,
  type ProvenSum,
  readStatement,
  type RoundView,
  type RunHistory,
  spoiledPart,
  stateOf,
  type Step,
  type SumRefusal,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Committees } from "./committees.js";
import { refused } from "./refusals.js";
import type { RunWatch } from "./run-watch.js";

/** What a round came to. */
export interface RoundSums {
  /** Of each group that was not lost, in the groups' order. */
  readonly sums: readonly GroupSum[];
  readonly groupsLost: number;
  /** Groups whose sum honest participants cannot have made: it is not given to the procedure. */
  readonly groupsSpoiled: number;
  /** Groups whose sum was given to the procedure. */
  readonly groupsUsed: ReadonlySet<number>;
  readonly history: RunHistory;
}

const refusals: Readonly<Record<SumRefusal, string>> = {
  "no-quorum": "has a sum that no quorum of the committee has signed",
  "other-state": "has a sum of participants who were shown other sums than these, or who have another plan",
  "too-few": "has a sum of fewer participants than the run's floor",
  "sum-mismatch": "sends another sum than its committee has signed",
};

/**
 * The sums of a round that is over, each held to what its committee has signed and to what was computed here before.
 * @param history before the round
 * @throws {AegisError} `federated-refused`
 */
export async function takeRoundSums(
  view: RoundView,
  { step, history }: { readonly step: Step; readonly history: RunHistory },
  { watch, committees }: { readonly watch: RunWatch; readonly committees: Committees },
): Promise<RoundSums> {
  const state = stateOf(history, step, primitives);
  const taken: { readonly group: number; readonly proven: ProvenSum }[] = [];
  const { groups } = watch.known.terms;
  const opened = new Map<number, Committee | undefined>();
  for (const attempt of view.attempts) opened.set(attempt.attempt, await committees.open(view.round, attempt));
  for (let group = 0; group < groups; group++) {
    const last = lastOf(view, group);
    if (!last) throw refused(`leaves group ${group} out of round ${view.round}`);
    if (last.view.phase === "lost") continue;
    const committee = opened.get(last.attempt);
    if (!committee) throw refused(`shows a sum of group ${group} in round ${view.round} without its committee`);
    const binding = { run: watch.known.id, round: view.round, attempt: last.attempt, group };
    const demand = { binding, committee, state, floor: watch.known.terms.floor, length: lengthOf(step) };
    taken.push({ group, proven: await fetchSum(last.view, demand, watch) });
  }
  const summed = taken.map(({ group, proven: { participants, survivors, sum } }) => ({
    group,
    participants,
    survivors,
    sum,
  }));
  const honest = taken.filter(({ proven }) => spoiledPart(step, proven.words, proven.participants) === undefined);
  return {
    sums: honest.map(({ proven }) => ({ participants: proven.participants, parts: decodeStep(step, proven.words) })),
    groupsLost: groups - taken.length,
    groupsSpoiled: taken.length - honest.length,
    groupsUsed: new Set(honest.map(({ group }) => group)),
    history: nextHistory(history, view.round, summed, primitives),
  };
}

/** What became of a group in the last attempt that was for it. */
export function lastOf(view: RoundView, group: number): { attempt: number; view: GroupView } | undefined {
  return attemptsOf(view, group).at(-1);
}

/** All attempts that were for a group, in their order. */
export function attemptsOf(
  { attempts }: RoundView,
  group: number,
): readonly { readonly attempt: number; readonly of: AttemptView; readonly view: GroupView }[] {
  return attempts.flatMap((of) =>
    of.groups.flatMap((view) => (view.group === group ? [{ attempt: of.attempt, of, view }] : [])),
  );
}

async function fetchSum(
  { statements }: GroupView,
  demand: Parameters<typeof openSum>[2],
  { connection }: RunWatch,
): Promise<ProvenSum> {
  const where = `of group ${demand.binding.group} in round ${demand.binding.round}`;
  const [first] = statements;
  const said = first && readStatement(memberSum, first);
  if (!said) throw refused(`${refusals["no-quorum"]}, ${where}`);
  // Who has signed what is looked at afterwards: until then the hash only names a file.
  const bytes = await connection.file(said.sum, demand.length * 4);
  const proven = openSum(bytes, statements, demand, primitives);
  if (typeof proven === "string") throw refused(`${refusals[proven]}, ${where}`);
  return proven;
}
