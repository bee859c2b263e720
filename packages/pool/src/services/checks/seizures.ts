import { collect, type LedgerAnswer, type LedgerOperation } from "@aegis-pool/core";
import type pg from "pg";
import { debtorsWithoutHeld, debtsOf, updateDebts } from "../../store/held-rows.js";
import type { GroupCommit, WriteKind } from "../group-commit.js";
import type { Ledger } from "../ledger.js";

/** A debt that is to be taken out of a bond. */
interface Seizure {
  /** The operator's key in hexadecimal. */
  readonly operator: string;
  /** nAIS in its bond, as far as is known. */
  readonly bond: bigint;
}

/** What seizures are written with. */
interface SeizureParts {
  readonly money: WriteKind<LedgerOperation, LedgerAnswer>;
  /** ms since 1970. */
  readonly now: () => number;
}

/** Takes operators' oldest debts out of their bonds, and keeps what is left of them, in one commit. */
function seizeBonds({ money, now }: SeizureParts): WriteKind<Seizure, true> {
  return {
    order: 4,
    money: true,
    async write(client, seizures) {
      const debts = await debtsOf(
        client,
        seizures.map(({ operator }) => operator),
      );
      const taken = seizures.flatMap(({ operator, bond }) => {
        const debt = debts.find((one) => one.operator === operator);
        return debt ? [{ debt, ...collect(debt, bond) }] : [];
      });
      const answers = await money.write(
        client,
        taken.map(({ debt, penalty }) => ({
          kind: "seize",
          key: `${debt.number.toString(16).padStart(16, "0")}${now().toString(16).padStart(16, "0")}`,
          bond: `bond:${debt.operator}`,
          penalty,
        })),
      );
      const done = taken.filter((_, at) => answers[at] === "written"); // others' bonds were withdrawn meanwhile
      await updateDebts(
        client,
        done.map(({ debt, rest }) => ({ ...debt, ...rest })),
      );
      return seizures.map(() => true);
    },
  };
}

/** Collects from bonds what operators owe of whose results none is held any more; the rest they work off. */
export class Seizures {
  readonly #database: pg.Pool;
  readonly #ledger: Ledger;
  readonly #commit: Pick<GroupCommit, "submit">;
  readonly #seize: WriteKind<Seizure, true>;

  constructor(parts: { database: pg.Pool; ledger: Ledger; commit: Pick<GroupCommit, "submit">; now: () => number }) {
    this.#database = parts.database;
    this.#ledger = parts.ledger;
    this.#commit = parts.commit;
    this.#seize = seizeBonds({ money: parts.ledger.money, now: parts.now });
  }

  async collect(): Promise<void> {
    for (const operator of await debtorsWithoutHeld(this.#database)) {
      const bond = await this.#ledger.balance(`bond:${operator}`);
      if (bond > 0n) await this.#commit.submit(this.#seize, { operator, bond });
    }
  }
}
