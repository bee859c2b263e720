import { formatAis } from "@aegis-pool/core";
import type { Account, Earning, PoolClient } from "@aegis-pool/sdk";
import { countPrimes } from "./primes.js";

/** What the pool says of the cheat and of everybody else, by statements that it has signed and books that everybody may ask for. */
export interface CheatFacts {
  readonly values: readonly { readonly from: number; readonly to: number; readonly primes: number }[];
  /** How many of them are right: counted here once more. */
  readonly right: number;
  /** Each wrong result, in the order in which they were found: its task as the cheat knew it, how many operators ran it, what it would have cost, and what went back, in nAIS. */
  readonly wrong: readonly {
    readonly task: number;
    readonly operators: number;
    readonly charge: bigint;
    readonly refund: bigint;
  }[];
  /** nAIS: what the wrong results cost the cheat, all but the first; what of it was kept from what was held for it, and taken out of its bond. */
  readonly penalty: bigint;
  readonly withheld: bigint;
  readonly seized: bigint;
  readonly bondLeft: bigint;
  /** What the cheat has earned by work, and all honest newcomers together, in nAIS. */
  readonly cheatEarned: bigint;
  readonly honestEarned: bigint;
  readonly honestOperators: number;
  /** Results of honest newcomers that are called wrong. */
  readonly honestWrong: number;
  /** Of all accounts: 0 where the books balance. */
  readonly sum: bigint;
  readonly held: bigint;
  /** What the requester has spent, once the cheat has made up for what finding out cost. */
  readonly paidByRequester: bigint;
  readonly seconds: number;
}

/** Asks the pool, and verifies what it says. */
export async function factsOf(of: {
  readonly client: PoolClient;
  readonly cheat: Account;
  readonly honest: readonly Account[];
  readonly bond: bigint;
  readonly values: CheatFacts["values"];
}): Promise<Omit<CheatFacts, "paidByRequester" | "seconds">> {
  const { client, cheat, honest, values } = of;
  const earnings = await earningsOf(cheat);
  const bondLeft = (await cheat.bond()).bond;
  const withheld = sum(earnings.map(({ settlement }) => BigInt(settlement?.withheld ?? 0)));
  const seized = of.bond - bondLeft;
  const disproved = (await Promise.all(honest.map(earningsOf))).flat().filter(isDisproved);
  const { sum: all, totals } = await client.books();
  return {
    values,
    right: values.filter((value) => value.primes === countPrimes(value)).length,
    wrong: await wrongOf(cheat, earnings),
    penalty: withheld + seized,
    withheld,
    seized,
    bondLeft,
    cheatEarned: await paidForWork(cheat),
    honestEarned: sum(await Promise.all(honest.map(paidForWork))),
    honestOperators: honest.length,
    honestWrong: disproved.length,
    sum: all,
    held: totals.get("held") ?? 0n,
  };
}

/** nAIS: without what it was issued for being there. */
async function paidForWork(account: Account): Promise<bigint> {
  let paid = 0n;
  for await (const { kind, amount } of account.statement("operator")) if (kind === "reward") paid += amount;
  return paid;
}

/** In the order in which they were found, the one that is forgiven first. */
async function wrongOf(cheat: Account, earnings: readonly Earning[]): Promise<CheatFacts["wrong"]> {
  const byTask = new Map(earnings.filter(isDisproved).map((earning) => [earning.verified?.receipt.number, earning]));
  const checks = (await cheat.checks()).filter(({ verdict }) => verdict === "disproved").toReversed();
  return checks.map(({ number, runs }) => {
    const { verified, settlement } = byTask.get(number) ?? {};
    const [charge, refund] = [BigInt(verified?.receipt.charge ?? 0), BigInt(settlement?.refund ?? 0)];
    return { task: number, operators: runs, charge, refund };
  });
}

async function earningsOf(account: Account): Promise<Earning[]> {
  const earnings: Earning[] = [];
  for await (const earning of account.earnings()) earnings.push(earning);
  return earnings;
}

const isDisproved = ({ settlement }: Earning) => settlement?.verdict === "disproved";

const sum = (amounts: readonly bigint[]) => amounts.reduce((total, amount) => total + amount, 0n);

/** The scene in plain words. */
export function cheatText(facts: CheatFacts): string {
  const { values, right, wrong, withheld, seized, bondLeft, honestOperators, honestEarned, honestWrong } = facts;
  const others = wrong.map(({ operators }) => operators - 1);
  const refunds = sum(wrong.map(({ refund }) => refund));
  const [first, ...later] = wrong;
  const lines = [
    `${wrong.length} results of the cheat were wrong: each was found by ${rangeOf(others)} other operators, who agreed on another`,
    `the requester got ${right} right results of ${values.length}, all of them from others; ${formatAis(refunds)} charged by the cheat went back`,
    `the first wrong result (${formatAis(first?.charge ?? 0n)}) was forgiven and only not paid; the ${later.length} after it cost 40 charges each:`,
    `${formatAis(withheld)} were kept from what was held for the cheat and ${formatAis(seized)} taken from its bond, which is ${formatAis(bondLeft)} now`,
    `the cheat has earned ${formatAis(facts.cheatEarned)}, ${honestOperators} honest newcomers ${formatAis(honestEarned)}; ${honestWrong} of their results were called wrong`,
    `the requester paid ${formatAis(facts.paidByRequester)}: what finding out cost it has come back from the cheat`,
    `${facts.sum === 0n ? "the books balance" : `the books do NOT balance (${facts.sum} nAIS)`}, ${formatAis(facts.held)} are still held; all this took ${facts.seconds.toFixed(1)} s`,
  ];
  return lines.map((line) => `   ${line}`).join("\n");
}

function rangeOf(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? `${least}` : `${least} to ${most}`;
}
