import {
  type Attendance as AttendanceLine,
  type BuiltEpoch,
  countingAvailability,
  epochBudget,
  EpochBuilder,
  type EpochHeader,
  epochOf,
  epochStatement,
  fromCbor,
  fromHex,
  nextReferencePrice,
  type PayoutLine,
  noEpoch,
  readStatement,
  receiptStatement,
  type SettledLine,
  type Signed,
  signStatement,
  toCbor,
  toHex,
  type WorkLine,
  writtenParameters,
} from "@aegis-pool/core";
import { evmPrimitives } from "@aegis-pool/platform";
import {
  type AttendanceRow,
  attendancesOf,
  closedBefore,
  type ClosedEpoch,
  closeEpoch,
  type Closing,
  type FrozenEpoch,
  receiptsBetween,
  writePart,
} from "../../store/epoch-rows.js";
import { totalsBefore } from "../../store/epoch-totals.js";
import { settledBetween } from "../../store/held-rows.js";
import { statementOf } from "../checks/settled.js";
import { EpochParts } from "./epoch-parts.js";
import type { WriteKind } from "../group-commit.js";
import { type EpochPayouts, keyOfEpoch, payOut } from "./epoch-payouts.js";
import type { EpochsGround, RewardTerms } from "./epochs.js";

/** Rows that are read at a time. */
const rowsAtATime = 2_000;

/**
 * Closes an epoch whose rows are known. Every step can be done again: what is issued has the epoch as its key, the file is the same each time, and
 * the last one, a single transaction, makes the epoch closed.
 */
export class EpochClosing {
  readonly #ground: EpochsGround;
  readonly #terms: RewardTerms;
  readonly #payOut: WriteKind<EpochPayouts, PayoutLine[]>;

  constructor(ground: EpochsGround, terms: RewardTerms) {
    this.#ground = ground;
    this.#terms = terms;
    this.#payOut = payOut(ground.ledger.money);
  }

  async close(frozen: FrozenEpoch): Promise<{ readonly nextPrice: number; readonly built: BuiltEpoch }> {
    const { database, primitives } = this.#ground;
    const last = await closedBefore(database, frozen.number);
    const attendances = await attendancesOf(database, frozen.number);
    const header = this.#header(frozen, last, attendances);
    const all = { ...primitives, ...evmPrimitives };
    const builder = new EpochBuilder(header, await totalsBefore(database), all);
    const parts = new EpochParts((part, text) => writePart(database, frozen.number, part, text));
    const work = await this.#work(frozen, last);
    for (const line of builder.begin(this.#counting(attendances))) await parts.add(line);
    for (const line of builder.rows(work)) await parts.add(line);
    for (const line of builder.rows(await this.#settled(frozen, last))) await parts.add(line);
    await this.#issue(frozen.number, builder.issued);
    const due = { epoch: header.epoch, end: header.end, payable: builder.payable };
    for (const line of builder.payouts(await this.#ground.commit.submit(this.#payOut, due))) await parts.add(line);
    for (const line of builder.operators()) await parts.add(line);
    const claimsPart = await parts.end();
    for (const line of builder.addresses()) await parts.add(line);
    await parts.end();
    const paid = work.map(({ price, units }) => ({ price, work: units }));
    const nextPrice = nextReferencePrice(frozen.referencePrice, paid, this.#terms.parameters);
    const built = builder.built();
    await this.#sign(header, built, { nextPrice, claimsPart, totals: builder.totals });
    return { nextPrice, built };
  }

  #header(
    { number, referencePrice }: FrozenEpoch,
    last: ClosedEpoch | undefined,
    attendances: readonly AttendanceRow[],
  ): EpochHeader {
    const { signer, primitives } = this.#ground;
    const { genesis, parameters } = this.#terms;
    const epoch = epochOf(number, parameters);
    return {
      epoch: number,
      start: epoch.start,
      end: epoch.end,
      pool: toHex(signer.publicKey),
      genesis,
      previous: last ? toHex(primitives.sha256((fromCbor(last.statement) as Signed).body)) : noEpoch,
      referencePrice,
      budget: String(epochBudget(epoch, genesis, parameters)),
      connected: String(attendances.reduce((sum, row) => sum + BigInt(row.connected), 0n)),
      parameters: writtenParameters(parameters),
    };
  }

  #counting(rows: readonly AttendanceRow[]): AttendanceLine[] {
    const { primitives } = this.#ground;
    const lines = rows.map((row) => ({
      available: toHex(primitives.sha256(row.salt, row.agent)),
      operator: toHex(row.operator),
      units: countingAvailability(row, this.#terms.parameters),
    }));
    return lines.filter(({ units }) => units > 0);
  }

  /** All of an epoch's tasks are in memory at once, some 200 bytes each, to be sorted. */
  async #work({ lastLine }: FrozenEpoch, last: ClosedEpoch | undefined): Promise<WorkLine[]> {
    const { database, primitives } = this.#ground;
    const read = (after: number) => receiptsBetween(database, [after, lastLine], rowsAtATime);
    const lines: WorkLine[] = [];
    for await (const { receipt } of pages(read, last?.lastLine)) {
      const signed = fromCbor(receipt) as Signed;
      const paid = readStatement(receiptStatement, signed);
      if (paid?.payment !== "paid") continue; // what is held is settled later
      const { work: units, operator, reward } = paid;
      const [work, price] = [toHex(primitives.sha256(signed.body)), Number(paid.price)];
      lines.push({ work, operator: toHex(operator), units, price, amount: reward });
    }
    return lines;
  }

  async #settled({ lastSettled }: FrozenEpoch, last: ClosedEpoch | undefined): Promise<SettledLine[]> {
    const { database, primitives, signer } = this.#ground;
    const read = (after: number) => settledBetween(database, [after, lastSettled], rowsAtATime);
    const lines: SettledLine[] = [];
    for await (const row of pages(read, last?.lastSettled)) {
      const statement = statementOf(row, signer.publicKey);
      const settled = toHex(primitives.sha256(toCbor(statement)));
      lines.push({ settled, operator: toHex(row.operator), amount: statement.reward });
    }
    return lines;
  }

  /** Issues to each operator what its agents are due; asked again, the ledger changes nothing. */
  async #issue(epoch: number, due: ReadonlyMap<string, bigint>): Promise<void> {
    const { commit, ledger } = this.#ground;
    const key = keyOfEpoch(epoch);
    const answers = await Promise.all(
      [...due].map(([operator, amount]) =>
        commit.submit(ledger.money, { kind: "issue", key, operator: `operator:${operator}`, amount }),
      ),
    );
    const refused = answers.find((answer) => answer !== "written" && answer !== "known");
    if (refused) throw new TypeError(`what epoch ${epoch} is due cannot be issued: ${refused}`);
  }

  async #sign(header: EpochHeader, built: BuiltEpoch, rest: Pick<Closing, "nextPrice" | "claimsPart" | "totals">) {
    const { signer, clock, transparency, primitives } = this.#ground;
    const named = {
      pool: signer.publicKey,
      epoch: header.epoch,
      previous: fromHex(header.previous) ?? new Uint8Array(0),
    };
    const signed = signStatement(epochStatement, { ...named, ...built, closedAt: clock() }, signer);
    const entry = { kind: "epoch", epoch: primitives.sha256(signed.body) } as const;
    const closing = { number: header.epoch, statement: toCbor(signed), ...rest };
    await transparency.append(entry, (client, logIndex) => closeEpoch(client, { ...closing, logIndex }));
  }
}

/** All rows after a line, page by page. */
async function* pages<Row extends { readonly line: number }>(
  read: (after: number) => Promise<readonly Row[]>,
  after = 0,
): AsyncGenerator<Row> {
  for (let page = await read(after); page.length > 0; page = await read(page.at(-1)?.line ?? after)) yield* page;
}
