import { createEd25519Signer, evmPrimitives, primitives } from "@aegis-pool/platform";
import { epochStatement } from "../../../src/protocol/statements/epoch.js";
import { type Attendance, type BuiltEpoch, EpochBuilder } from "../../../src/rewards/epoch/build-epoch.js";
import { epochBudget, epochOf } from "../../../src/rewards/emission.js";
import { type EpochTotals, nothingYet } from "../../../src/rewards/epoch/epoch-sums.js";
import {
  type EpochHeader,
  type PayoutLine,
  type SettledLine,
  type WorkLine,
  writtenParameters,
} from "../../../src/rewards/epoch/lines.js";
import { EpochVerifier, noEpoch, type VerifiedEpoch } from "../../../src/rewards/epoch/verify-epoch.js";
import { rewardDefaults } from "../../../src/rewards/parameters.js";
import { fromHex, toHex } from "../../../src/shared/bytes.js";
import { finished } from "../../../src/shared/finished.js";
import { type Signed, signStatement } from "../../../src/shared/signed.js";

export const epochPrimitives = { ...primitives, ...evmPrimitives };
export const pool = createEd25519Signer();
const [first, parameters] = [20_420, rewardDefaults];
const { start: genesis } = epochOf(first, parameters);

/** What an epoch pays for. */
export interface EpochRows {
  readonly attendances?: readonly Attendance[];
  readonly work?: readonly WorkLine[];
  readonly settled?: readonly SettledLine[];
  readonly payouts?: readonly PayoutLine[];
}

export interface WrittenEpoch {
  readonly lines: readonly string[];
  readonly signed: Signed;
}

/** The header of the epoch that begins so many days after the pool. */
export function headerOf(
  day: number,
  previous: VerifiedEpoch | undefined,
  change: Partial<EpochHeader> = {},
): EpochHeader {
  const epoch = epochOf(first + day, parameters);
  return {
    epoch: epoch.number,
    start: epoch.start,
    end: epoch.end,
    pool: toHex(pool.publicKey),
    genesis,
    previous: previous ? toHex(previous.id) : noEpoch,
    referencePrice: 3_087,
    budget: String(epochBudget(epoch, genesis, parameters)),
    connected: "907200000007",
    parameters: writtenParameters(parameters),
    ...change,
  };
}

/** An epoch as a pool writes and signs it. */
export function writeEpoch(header: EpochHeader, rows: EpochRows, before: EpochTotals = nothingYet): WrittenEpoch {
  const { lines, built } = buildEpoch(header, rows, before);
  return { lines, signed: signLines(header, built) };
}

/** An epoch's lines, and what is to be signed of them. */
export function buildEpoch(
  header: EpochHeader,
  rows: EpochRows,
  before: EpochTotals = nothingYet,
): {
  readonly lines: readonly string[];
  readonly built: BuiltEpoch;
} {
  const builder = new EpochBuilder(header, before, epochPrimitives);
  const { attendances = [], work = [], settled = [], payouts = [] } = rows;
  const lines = [
    ...builder.begin(attendances),
    ...builder.rows(work),
    ...builder.rows(settled),
    ...builder.payouts(payouts),
    ...builder.operators(),
    ...builder.addresses(),
  ];
  return { lines, built: finished(builder.building()) };
}

/** Signs whatever is built. */
export function signLines(header: EpochHeader, built: BuiltEpoch): Signed {
  const statement = {
    pool: pool.publicKey,
    epoch: header.epoch,
    previous: fromHex(header.previous) ?? new Uint8Array(0),
    ...built,
    closedAt: header.end + 60_000,
  };
  return signStatement(epochStatement, statement, pool);
}

export function verify({ lines, signed }: WrittenEpoch, previous?: VerifiedEpoch, key = pool.publicKey) {
  const verifier = new EpochVerifier(epochPrimitives, previous);
  for (const line of lines) if (!verifier.take(line)) break;
  return verifier.end(signed, key);
}
