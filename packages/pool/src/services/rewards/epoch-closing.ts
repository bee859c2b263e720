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
  readSigned,
  type PayoutLine,
  noEpoch,
  type ReceiptStatement,
  type SettledLine,
  signStatement,
  toCbor,
  toHex,
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
  countReceipts,
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
import { inSlices } from "./in-slices.js";
import { WorkRows } from "./work-rows.js";

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
    for (const line of builder.sortedRows(work.lines())) await parts.add(line);
    for (const line of builder.rows(await this.#settled(frozen, last))) await parts.add(line);
    await this.#issue(frozen.number, builder.issued);
    const due = { epoch: header.epoch, end: header.end, earned: builder.earned, payable: builder.payable };
    for (const line of builder.payouts(await this.#ground.commit.submit(this.#payOut, due))) await parts.add(line);
    for (const line of builder.operators()) await parts.add(line);
    const claimsPart = await parts.end();
    for (const line of builder.addresses()) await parts.add(line);
    await parts.end();
    const nextPrice = nextReferencePrice(frozen.referencePrice, work.byPrice(), this.#terms.parameters);
    const built = await inSlices(builder.building());
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
      previous: last ? toHex(primitives.sha256(readSigned(last.statement).body)) : noEpoch,
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

  async #work({ lastLine }: FrozenEpoch, last: ClosedEpoch | undefined): Promise<WorkRows> {
    const { database, primitives } = this.#ground;
    const after = last?.lastLine ?? 0;
    const rows = new WorkRows(await countReceipts(database, [after, lastLine]));
    const read = (from: number) => receiptsBetween(database, [from, lastLine], rowsAtATime);
    for await (const { receipt } of pages(read, after)) {
      const { body } = readSigned(receipt); // it is our own, as we have signed it
      const { payment, work: units, price, operator, reward } = fromCbor(body) as ReceiptStatement;
      if (payment !== "paid") continue; // what is held is settled later
      rows.add({ id: primitives.sha256(body), operator, units, price: Number(price), amount: BigInt(reward) });
    }
    return rows;
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

/** All rows after a line, page by page; the next page is on its way while one is worked on. */
async function* pages<Row extends { readonly line: number }>(
  read: (after: number) => Promise<readonly Row[]>,
  after = 0,
): AsyncGenerator<Row> {
  for (let page = await read(after); page.length > 0;) {
    const next = read(page.at(-1)?.line ?? after);
    next.catch(() => undefined); // told below, or nobody waits any more
    yield* page;
    page = await next;
  }
}
