import { randomBytes, randomInt } from "node:crypto";
import {
  AegisError,
  type CommitteeShape,
  conflictInRun,
  costOf,
  defaultPrices,
  federatedLimits,
  formatAis,
  memberTask,
  memberWork,
  runTerms,
  type RunTerms,
  seatsHash,
  type Signed,
  type Signer,
  signStatement,
  smallCommittee,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives, type StoredSigner } from "@aegis-pool/platform";
import { badOption, whole } from "../bad-option.js";
import type { PoolClient } from "../pool-client/pool-client.js";
import { planBytes, readPlan, type RunPlan, writePlan } from "./plan.js";
import { RunConnection } from "./run-connection.js";
import type { Invitation, OwnedRun } from "./run-text.js";
import { untilAnswered } from "./until-answered.js";

/** What a run's owner decides. */
export interface NewRunOptions {
  /** Seats, 5 to 1,000. */
  readonly participants: number;
  /** Who removes masks. Default: four, of whom one may collude; `largeCommittee` has seven and two. */
  readonly committee?: CommitteeShape | undefined;
  /** No sum of fewer participants is released, 5 to 1,000. Default: 5. */
  readonly floor?: number | undefined;
  /** Disjoint groups that are summed apart, 1 to 200, each of `floor` seats at least. Default: 1. */
  readonly groups?: number | undefined;
  /** Sums at most, 1 to 100,000. */
  readonly rounds: number;
  /** Values of one sum at most, 1 to 2^26. */
  readonly values: number;
  readonly plan: RunPlan;
  /** How long participants have for one upload, in ms, 1 s to a day. Default: ten minutes. */
  readonly uploadMs?: number | undefined;
  /** Top price for members in nAIS per SCU-second. Default: 4,000. */
  readonly maxPrice?: bigint | undefined;
  /** What the run may cost at most, in nAIS, all of it set aside. Default: what its members may be paid at most. */
  readonly budget?: bigint | undefined;
  /** Pays for the run. */
  readonly account: Signer;
  /** Called before money moves or the pool hears of the run: what is not kept then is lost. */
  readonly keep?: ((created: CreatedRun) => Promise<void>) | undefined;
}

/** A run, as its owner has it. */
export interface CreatedRun {
  readonly owned: OwnedRun;
  /** One for each participant. */
  readonly invitations: readonly Invitation[];
  /** nAIS that are set aside. */
  readonly reserved: bigint;
}

/** Tasks for each place of the committee: two that take it may fail. */
const tasksPerPlace = 3;
const defaults = { floor: federatedLimits.leastParticipants, groups: 1, uploadMs: 600_000 };

/**
 * Makes a run: its key, its seats' keys, its terms; sets money aside for it, and asks the pool for it.
 * @throws {AegisError} `bad-argument`, `budget-exceeded`, `insufficient-funds`, `pool-unreachable`
 */
export async function createRun(client: PoolClient, options: NewRunOptions): Promise<CreatedRun> {
  const plan = writePlan(options.plan);
  if (!readPlan(plan)) throw badOption("plan", `of ${plan.length} bytes`, `of at most ${planBytes}, with a short name`);
  const [key, seats] = [createEd25519Signer(), newSeats(options.participants)];
  const terms = termsOf(options, { pool: client.key, key, seats, plan });
  const signed = signStatement(runTerms, terms, key);
  const known = { pool: { url: client.url.href, key: client.key }, run: primitives.sha256(signed.body), plan };
  const invitations = seats.map((seat) => ({ ...known, seat }));
  const reserved = options.budget ?? worstOf(terms);
  if (reserved < worstOf(terms)) throw tooDear(terms, reserved);
  const created = { owned: { ...known, key }, invitations, reserved };
  await options.keep?.(created);
  const once = randomBytes(16);
  await untilAnswered(() => client.reserve(key, options.account, { amount: reserved, once }), undefined);
  try {
    const publicSeats = seats.map(({ publicKey }) => publicKey);
    const tasks = memberTasks(terms, key);
    await new RunConnection(client, known.run).create({ terms: signed, seats: publicSeats, tasks });
  } catch (error) {
    await client.releaseFunds(key).catch(() => undefined); // the first error says what is wrong
    throw error;
  }
  return created;
}

/** Draws the committee with the seats that are taken, without waiting for the others. @throws {AegisError} `out-of-turn` */
export function startRun(client: PoolClient, { run, key }: OwnedRun, signal?: AbortSignal): Promise<void> {
  return new RunConnection(client, run, signal).start(key);
}

/** Ends the run: what is set aside goes back, less what its members have done. Does nothing to one that is over. @throws {AegisError} `out-of-turn` */
export function cancelRun(client: PoolClient, { run, key }: OwnedRun, signal?: AbortSignal): Promise<void> {
  return new RunConnection(client, run, signal).cancel(key);
}

/** As many keys, ascending. */
function newSeats(participants: number): readonly StoredSigner[] {
  const { leastParticipants, participants: most } = federatedLimits;
  const count = whole("participants", participants, leastParticipants, most);
  return Array.from({ length: count }, () => createEd25519Signer()).toSorted((a, b) =>
    toHex(a.publicKey) < toHex(b.publicKey) ? -1 : 1,
  );
}

function termsOf(
  options: NewRunOptions,
  made: { pool: Uint8Array; key: Signer; seats: readonly Signer[]; plan: Uint8Array },
): RunTerms {
  const { participants, committee = smallCommittee, maxPrice = defaultPrices.top } = options;
  const { leastParticipants, participants: mostParticipants, groups, rounds, values } = federatedLimits;
  const terms: Omit<RunTerms, "maxWork"> = {
    pool: made.pool,
    owner: made.key.publicKey,
    committee,
    participants,
    seats: seatsHash(
      made.seats.map(({ publicKey }) => publicKey),
      primitives,
    ),
    floor: whole("floor", options.floor ?? defaults.floor, leastParticipants, mostParticipants),
    groups: whole("groups", options.groups ?? defaults.groups, 1, groups),
    plan: primitives.sha256(made.plan),
    rounds: whole("rounds", options.rounds, 1, rounds),
    values: whole("values", options.values, 1, values),
    uploadMs: whole("uploadMs", options.uploadMs ?? defaults.uploadMs, 1_000, 24 * 3_600_000),
    maxPrice: String(priceOf(maxPrice)),
    createdAt: Date.now(),
  };
  const complete = { ...terms, maxWork: memberWork(committee, participants, terms.values) * terms.rounds };
  const conflict = conflictInRun(complete);
  if (conflict) throw badOption("the run", `impossible: ${conflict}`, "possible with the participants there are");
  return complete;
}

function priceOf(maxPrice: bigint): bigint {
  if (maxPrice >= 1n && maxPrice < 10n ** 15n) return maxPrice;
  throw badOption("maxPrice", `${maxPrice} nAIS`, "from 1 nAIS to 10^15 nAIS per SCU-second");
}

/** What all members may be paid at most, in nAIS. */
function worstOf({ committee, maxWork, maxPrice }: RunTerms): bigint {
  return BigInt(committee.size) * costOf(maxWork, BigInt(maxPrice));
}

function tooDear(terms: RunTerms, budget: bigint): AegisError {
  return new AegisError({
    code: "budget-exceeded",
    message: `The run's members may be paid ${formatAis(worstOf(terms))}, which is above its budget of ${formatAis(budget)}.`,
    next: "Raise the budget, or lower the run's rounds, values or top price.",
  });
}

/** Under numbers drawn at random: nothing else of the run is known to a member. */
function memberTasks({ committee, pool, maxPrice, maxWork }: RunTerms, key: Signer): Signed[] {
  return Array.from({ length: committee.size * tasksPerPlace }, () => {
    const number = randomInt(1, 2 ** 48 - 1);
    return signStatement(memberTask, { number, job: key.publicKey, pool, maxPrice, maxWork }, key);
  });
}
