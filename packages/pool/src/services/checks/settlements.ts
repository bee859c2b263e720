import {
  collect,
  debtFor,
  fromCbor,
  type LedgerAnswer,
  type LedgerOperation,
  type Penalty,
  readStatement,
  receiptStatement,
  type SettlementVerdict,
  type Signed,
  toHex,
  verificationRules,
} from "@aegis-pool/core";
import type pg from "pg";
import {
  type DebtRow,
  debtsOf,
  heldOf,
  type HeldRow,
  insertDebts,
  paidOf,
  type SettledRow,
  updateDebts,
  writeSettled,
} from "../../store/held-rows.js";
import type { WriteKind } from "../group-commit.js";
import { isPaid, partsOf } from "./settled.js";

/** A held result is to be settled. */
export interface Settlement {
  readonly number: number;
  readonly verdict: SettlementVerdict;
  /** Where it is wrong: under which number a right result came. */
  readonly right?: number | undefined;
  /** Where it is wrong and not forgiven: further runs that only it made necessary, by number; its operator owes for them. */
  readonly costs?: readonly number[] | undefined;
}

/** What settlements are written with. */
export interface SettlementParts {
  readonly money: WriteKind<LedgerOperation, LedgerAnswer>;
  /** ms since 1970. */
  readonly now: () => number;
}

/**
 * Settles held results: moves what was held, keeps what became of it and what operators owe, in one commit. A result is settled
 * once; @returns of each whether it was now.
 */
export function settleHeld(parts: SettlementParts): WriteKind<Settlement, boolean> {
  return {
    order: 4,
    money: true,
    async write(client, settlements) {
      const open = await openOf(client, settlements);
      const debts = new Debts(await debtsOf(client, [...new Set(open.map(({ operator }) => operator))]));
      const charges = await chargesOf(client, settlements);
      const decided = open.map((result) => decide(result, debts, charges));
      await move(client, decided, parts.money);
      await insertDebts(client, debts.incurred, parts.now());
      await updateDebts(client, debts.changed);
      await writeSettled(client, decided.map(settledRow), parts.now());
      const done = new Set(decided.map(({ asked }) => asked.number));
      return settlements.map(({ number }) => done.delete(number));
    },
  };
}

/** A result that has been paid for is wrong, by number, and these further runs were needed to see it. */
export type Indebted = Required<Pick<Settlement, "number">> & { readonly costs: readonly number[] };

/** Keeps what operators owe for results that have been paid: what these have cost too. */
export function indebt({ now }: Pick<SettlementParts, "now">): WriteKind<Indebted, true> {
  return {
    order: 5,
    money: true,
    async write(client, wrong) {
      const charges = await chargesOf(
        client,
        wrong.map(({ number, costs }) => ({ costs: [number, ...costs] })),
      );
      const paid = await paidOf(
        client,
        wrong.map(({ number }) => number),
      );
      const debts = wrong.flatMap(({ number, costs }): DebtRow[] => {
        const row = paid.get(number);
        const charge = charges.get(number) ?? 0n;
        if (!row || charge === 0n) return [];
        const spent = [number, ...costs].reduce((sum, run) => sum + (charges.get(run) ?? 0n), 0n);
        return [
          { ...debtFor({ charge, spent, injured: row.payer }, verificationRules), number, operator: row.operator },
        ];
      });
      await insertDebts(client, debts, now());
      return wrong.map(() => true);
    },
  };
}

/** A held result that is about to be settled. */
interface OpenResult {
  readonly asked: Settlement;
  readonly row: HeldRow;
  /** The key of its operator, in hexadecimal. */
  readonly operator: string;
}

/** What becomes of it. */
interface DecidedResult extends OpenResult {
  readonly penalty: Penalty;
}

async function openOf(client: pg.PoolClient, settlements: readonly Settlement[]): Promise<OpenResult[]> {
  const held = await heldOf(
    client,
    settlements.map(({ number }) => number),
  );
  return settlements.flatMap((asked) => {
    const row = held.get(asked.number);
    held.delete(asked.number); // asked for twice in one commit, it is settled once
    return row ? [{ asked, row, operator: toHex(row.operator) }] : [];
  });
}

/** What the runs for which somebody has to answer have cost, by number. */
async function chargesOf(
  client: pg.PoolClient,
  settlements: readonly Pick<Settlement, "costs">[],
): Promise<Map<number, bigint>> {
  const numbers = settlements.flatMap(({ costs = [] }) => costs);
  if (numbers.length === 0) return new Map();
  const { rows } = await client.query<{ number: number; receipt: Buffer }>({
    name: "receipts-of",
    text: "SELECT number, receipt FROM outcomes WHERE number = ANY($1::bigint[]) AND receipt IS NOT NULL",
    values: [numbers],
  });
  return new Map(
    rows.map(({ number, receipt }) => [
      number,
      BigInt(readStatement(receiptStatement, fromCbor(receipt) as Signed)?.charge ?? 0),
    ]),
  );
}

function decide(result: OpenResult, debts: Debts, charges: ReadonlyMap<number, bigint>): DecidedResult {
  const { asked, row, operator } = result;
  const charge = BigInt(row.charge);
  const none: Penalty = { injured: row.payer, compensation: 0n, burned: 0n };
  if (isPaid(asked.verdict)) return { ...result, penalty: debts.collect(operator, BigInt(row.reward)) ?? none };
  if (asked.costs && charge > 0n) {
    const spent = asked.costs.reduce((sum, number) => sum + (charges.get(number) ?? 0n), 0n);
    const debt = debtFor({ charge, spent, injured: row.payer }, verificationRules);
    debts.incur({ ...debt, number: asked.number, operator });
  }
  return { ...result, penalty: none };
}

async function move(client: pg.PoolClient, decided: readonly DecidedResult[], money: SettlementParts["money"]) {
  const operations = decided.filter(({ row }) => row.charge !== "0").map(operationOf);
  if (operations.length === 0) return;
  for (const answer of await money.write(client, operations)) {
    if (answer !== "written") throw new TypeError(`what is held for a result cannot be moved: ${answer}`);
  }
}

function operationOf({ asked: { number, verdict }, row, operator, penalty }: DecidedResult): LedgerOperation {
  const key = number.toString(16).padStart(16, "0");
  const parties = { held: `held:${operator}`, operator: `operator:${operator}`, payer: row.payer } as const;
  const parts = partsOf({ ...row, verdict, withheld: withheldBy(penalty) });
  return { kind: "settle", key, ...parties, ...parts, penalty };
}

function settledRow({ asked: { number, verdict, right }, penalty }: DecidedResult): SettledRow {
  return { number, verdict, right, withheld: withheldBy(penalty) };
}

function withheldBy({ compensation, burned }: Penalty): string {
  return String(compensation + burned);
}

/** What the operators of a commit owe, as it changes there. */
class Debts {
  readonly #open: Map<number, DebtRow>;
  readonly #changed = new Map<number, DebtRow>();
  readonly incurred: DebtRow[] = [];

  constructor(open: readonly DebtRow[]) {
    this.#open = new Map(open.map((debt) => [debt.number, debt]));
  }

  /** Debts of which less is left than before. */
  get changed(): DebtRow[] {
    return [...this.#changed.values()];
  }

  /** From the next commit on it is collected. */
  incur(debt: DebtRow): void {
    this.incurred.push(debt);
  }

  /** Takes up to `most` nAIS towards an operator's oldest debt; undefined where it owes nothing. */
  collect(operator: string, most: bigint): Penalty | undefined {
    const debt = [...this.#open.values()].find((one) => one.operator === operator && one.left > 0n);
    if (!debt) return undefined;
    const { penalty, rest } = collect(debt, most);
    this.#open.set(debt.number, { ...debt, ...rest });
    this.#changed.set(debt.number, { ...debt, ...rest });
    return penalty;
  }
}
