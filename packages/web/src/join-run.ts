import { AegisError, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type Invitation, type OnRunEvent, readInvitation, readPlan, statusOf, takePart } from "@aegis-pool/sdk";
import {
  creditFiles,
  creditProcedure,
  type CreditResult,
  type CreditSettings,
  describeCredit,
  type LabelledTable,
  mostSums,
  type NamedFile,
  parseCredit,
  type PlanDescription,
  readCreditSettings,
} from "@aegis-pool/workload-credit";
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
  readonly settings: CreditSettings;
}

/** How a page takes part. */
export interface Joining {
  /** The text of the file with the applicants, which does not leave the page. */
  readonly applicants: string;
  readonly onEvent?: OnRunEvent | undefined;
  /** Stops taking part: the run goes on without, and the page can come back. */
  readonly signal?: AbortSignal | undefined;
}

/** What a page has at the end. */
export interface Outcome {
  /** The model's files. */
  readonly files: readonly NamedFile[];
  /** Over all participants' rows, on which it was trained; undefined where the plan measures nothing. */
  readonly measured: { readonly rows: number; readonly loss: number; readonly auc: number } | undefined;
}

/**
 * The run of an invitation, as its pool shows it: what it asks for and what it promises, before anything is sent.
 * @param file the bytes of the invitation's file. @param name of the file, for errors
 * @param signal stops asking: a pool that does not answer is asked for an hour
 * @throws {AegisError} `key-unreadable`, `bad-argument` for a plan that pages do not know, `budget-exceeded` where the plan does not keep what it promises,
 * and as `joinRun`
 */
export async function openRun(file: Uint8Array, name: string, signal?: AbortSignal): Promise<OpenRun> {
  const invitation = readInvitation(file, name);
  const plan = readPlan(invitation.plan);
  if (plan?.name !== "credit") throw unknownPlan(plan?.name ?? "");
  const settings = readCreditSettings(plan.settings);
  const { floor } = (await statusOf(invitation, signal)).terms;
  const { run, pool } = invitation;
  return {
    ...describeCredit(settings, floor),
    id: toHex(run),
    pool: pool.url,
    sums: mostSums(settings),
    invitation,
    settings,
  };
}

/**
 * Takes part in a run to its end. A page that is closed and opened again goes on as the same participant, and sends nothing twice.
 * @throws {AegisError} `bad-argument` for applicants that do not fit, and where another page takes part with this invitation; `disk-full` where the browser
 * keeps nothing; `federated-refused`, `federated-failed`, `log-mismatch`, `pool-key-changed`, `pool-unreachable`, `cancelled` by the signal
 */
export async function joinRun({ id, invitation, settings, privacy }: OpenRun, joining: Joining): Promise<Outcome> {
  const { applicants, onEvent, signal } = joining;
  const own = fitting(applicants, settings);
  const participant = `${id} ${toHex(invitation.seat.publicKey)}`;
  const result = await alone(participant, () =>
    takePart(invitation, creditProcedure(settings, own, primitives), {
      state: browserState(participant),
      onEvent,
      signal,
    }),
  );
  return { files: creditFiles(result, privacy), measured: measuredIn(result) };
}

function measuredIn(result: CreditResult): Outcome["measured"] {
  return result.kind === "network" ? result.measured : undefined;
}

function fitting(text: string, { schema }: CreditSettings): LabelledTable {
  try {
    return parseCredit(text, schema);
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new AegisError({
      code: "bad-argument",
      message: `The file does not fit the run's plan: ${cause.message}.`,
      next: "Cure it; nothing of it was sent.",
      cause,
    });
  }
}

function unknownPlan(name: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `A page does not know the plan "${name}".`,
    next: "Join this run by `aegis federate join`; pages know the plan credit.",
  });
}
