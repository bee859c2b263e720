import type { LedgerAnswer, LedgerOperation } from "@aegis-pool/core";
import { type Books, openBooks } from "@aegis-pool/pool";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { temporaryFolder } from "../cleanups.js";
import { bareTable } from "../money/bare-inserts.js";
import { seededRandom } from "../random.js";
import { median } from "../statistics.js";

const batches = { small: 100, large: 500 } as const;
const accountCounts = { requesters: 100, jobs: 100, operators: 100 } as const;
const seconds = { round: 2, long: 8 };
const rounds = 3;

/** How many transfers a second the books take, each acknowledged when it is durable. */
export const ledger: Benchmark = {
  name: "ledger",
  summary: "durable transfers in batches of 100 and of 500, among 100 jobs and 100 operators, beside bare inserts",
  async run(options) {
    const folder = await temporaryFolder();
    const books = await openBooks(folder.path);
    try {
      await requireDurable(books);
      options.say("opening accounts");
      const market = new PaidTasks(books, seededRandom(options.seed));
      await market.open();
      return await measure(market, options);
    } finally {
      await books.close();
      await folder.remove();
    }
  },
};

async function measure(market: PaidTasks, { long, say }: RunOptions) {
  const bare = await bareTable(market.books.database);
  const ms = (long ? seconds.long : seconds.round) * 1_000;
  const rates: Record<string, number[]> = {};
  const round = async (name: string, batch: () => Promise<number>) => {
    const rate = await perSecond(ms, batch);
    (rates[name] ??= []).push(rate);
    say(`${name}: ${Math.round(rate)} rows/s`);
  };
  for (let turn = 0; turn < rounds; turn++) {
    // turn by turn: whatever else the machine does, both sides have it
    await round("of500", () => market.pay(batches.large));
    await round("bareOf500", () => bare.insert(batches.large));
    await round("of100", () => market.pay(batches.small));
    await round("bareOf100", () => bare.insert(batches.small));
  }
  await market.requireBalance();
  const of = (name: string): number => median(rates[name] ?? []);
  return {
    figures: [
      { name: "transfersPerSecondOf100", value: of("of100"), unit: "transfers/s", atLeast: 15_000 },
      { name: "transfersPerSecondOf500", value: of("of500"), unit: "transfers/s", atLeast: 30_000 },
    ],
    baseline: { bareRowsPerSecondOf100: of("bareOf100"), bareRowsPerSecondOf500: of("bareOf500") },
  };
}

/** Runs `batch`, which says how much it did, over and over for `ms`; one is always on its way, and another made meanwhile. */
async function perSecond(ms: number, batch: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  let done = 0;
  const client = async () => {
    while (elapsed() < ms) {
      const more = await batch(); // apart: "done +=" would add to what it was before the wait, and lose the other client's
      done += more;
    }
  };
  await Promise.all([client(), client()]);
  return (done / elapsed()) * 1_000;
}

/** Tasks of many jobs, paid to many operators: each payment is two transfers, and touches accounts at random. */
class PaidTasks {
  readonly books: Books;
  readonly #random: () => number;
  #task = 0;
  #paid = 0n;

  constructor(books: Books, random: () => number) {
    this.books = books;
    this.#random = random;
  }

  /** Every account has money, and every job has enough for whatever comes. */
  async open(): Promise<void> {
    const requesters = Array.from({ length: accountCounts.requesters }, (_, index) => index);
    await this.#all(
      requesters.map((index) => ({ kind: "fund", key: "00", requester: requester(index), amount: 10n ** 12n })),
    );
    const jobs = Array.from({ length: accountCounts.jobs }, (_, index) => index);
    await this.#all(
      jobs.map((index) => ({
        kind: "reserve",
        key: index.toString(16).padStart(32, "0"),
        requester: requester(index % accountCounts.requesters),
        escrow: escrow(index),
        amount: 10n ** 11n,
      })),
    );
    await this.pay(2 * accountCounts.operators); // every operator's account is there, mostly
  }

  /** Pays for tasks by so many transfers, all in one commit; @returns how many they were. */
  async pay(transfers: number): Promise<number> {
    const payments = Array.from({ length: transfers / 2 }, () => this.#payment());
    await this.#all(payments);
    return transfers;
  }

  /** @throws where the books do not say what was done */
  async requireBalance(): Promise<void> {
    const totals = await this.books.totals();
    const sum = Object.values(totals).reduce((total, amount) => total + amount, 0n);
    const paid = (totals["operator"] ?? 0n) + (totals["fees"] ?? 0n);
    if (sum !== 0n || paid !== this.#paid) throw new Error(`the books do not balance: ${sum}, ${paid} paid`);
  }

  #payment(): LedgerOperation {
    const pick = (count: number) => Math.floor(this.#random() * count);
    const charge = BigInt(100 + pick(1_000));
    const fee = charge / 10n;
    this.#paid += charge;
    return {
      kind: "post",
      key: (++this.#task).toString(16).padStart(16, "0"),
      escrow: escrow(pick(accountCounts.jobs)),
      operator: operator(pick(accountCounts.operators)),
      reward: charge - fee,
      fee,
    };
  }

  async #all(operations: readonly LedgerOperation[]): Promise<void> {
    const answers: LedgerAnswer[] = await Promise.all(operations.map((operation) => this.books.apply(operation)));
    const refused = answers.find((answer) => answer !== "written");
    if (refused) throw new Error(`the books refuse what they should take: ${refused}`);
  }
}

const key = (index: number): string => index.toString(16).padStart(64, "0");
const requester = (index: number) => `requester:${key(index)}` as const;
const operator = (index: number) => `operator:${key(index)}` as const;
const escrow = (index: number) => `escrow:${key(index)}` as const;

/** @throws where the server does not wait for the disk: then nothing that is measured here means anything */
async function requireDurable({ database }: Books): Promise<void> {
  for (const setting of ["fsync", "synchronous_commit", "full_page_writes"]) {
    const { rows } = await database.query<Record<string, string>>(`SHOW ${setting}`);
    if (rows[0]?.[setting] !== "on") throw new Error(`${setting} is ${rows[0]?.[setting]}`);
  }
}
