import { toHex } from "@aegis-pool/core";
import {
  describePlan,
  describeResult,
  type KnownPlan,
  type NamedFile,
  openPlan,
  type PlanDescription,
  planProcedure,
  resultFiles,
  type RunShape,
  sumsOf,
  withinBudget,
} from "@aegis-pool/plans";
import { type Invitation, type OnRunEvent, readInvitation, statusOf, takePart } from "@aegis-pool/sdk";
import { alone } from "./alone.js";
import { browserState } from "./browser-state.js";

/** A run that a page has an invitation to. */
export interface OpenRun extends PlanDescription {
  /** The run's id in hexadecimal. */
  readonly id: string;
  readonly pool: string;
  /** Sums at most: a round takes one, or one for each level of a tree. */
  readonly sums: number;
  readonly invitation: Invitation;
  readonly plan: KnownPlan;
  readonly shape: RunShape;
}

/** How a page takes part. */
export interface Joining {
  /** What the file with the participant's own data is called, for errors. */
  readonly name: string;
  /** Its text, which does not leave the page. */
  readonly text: string;
  readonly onEvent?: OnRunEvent | undefined;
  /** Stops taking part: the run goes on without, and the page can come back. */
  readonly signal?: AbortSignal | undefined;
}

/** What a page has at the end. */
export interface Outcome {
  /** The model's files. */
  readonly files: readonly NamedFile[];
  /** What the model is worth, in words; empty where nothing was measured. */
  readonly worth: string;
}

/**
 * The run of an invitation, as its pool shows it: what it asks for and what it promises, before anything is sent.
 * @param file the bytes of the invitation's file. @param name of the file, for errors
 * @param signal stops asking: a pool that does not answer is asked for an hour
 * @throws {AegisError} `key-unreadable`, `bad-argument` for a plan that is not known here, `budget-exceeded` where the plan does not keep what it promises,
 * and as `joinRun`
 */
export async function openRun(file: Uint8Array, name: string, signal?: AbortSignal): Promise<OpenRun> {
  const invitation = readInvitation(file, name);
  const plan = openPlan(invitation.plan);
  const { terms: shape } = await statusOf(invitation, signal);
  const { run, pool } = invitation;
  return {
    ...describePlan(plan, shape),
    ...{ id: toHex(run), pool: pool.url, sums: sumsOf(plan) },
    ...{ invitation, plan, shape },
  };
}

/**
 * Takes part in a run to its end, within the budget that it promises. A page that is closed and opened again goes on as the same participant, and sends nothing twice.
 * @throws {AegisError} `bad-argument` for data that do not fit, and where another page takes part with this invitation; `disk-full` where the browser
 * keeps nothing; `budget-exceeded`, `federated-refused`, `federated-failed`, `log-mismatch`, `pool-key-changed`, `pool-unreachable`, `cancelled` by the signal
 */
export async function joinRun({ id, invitation, plan, shape, privacy }: OpenRun, joining: Joining): Promise<Outcome> {
  const { name, text, onEvent, signal } = joining;
  const procedure = withinBudget(planProcedure(plan, { name, text }), plan, shape);
  const participant = `${id} ${toHex(invitation.seat.publicKey)}`;
  const result = await alone(participant, () =>
    takePart(invitation, procedure, { state: browserState(participant), onEvent, signal }),
  );
  return { files: resultFiles(result, privacy), worth: describeResult(result) };
}
