import { AegisError, parseAis, protocolLimits } from "@aegis-pool/core";
import { type JobOptions, openAccountKey, Pool } from "@aegis-pool/sdk";
import { type Command, Option } from "commander";
import { parseDuration } from "../durations.js";
import { defaultPool } from "../home.js";
import { parseJudged } from "./judged-policy.js";

/** `--pool` and `--pool-key`, which every command that talks to a pool has. */
export interface PoolFlags {
  readonly pool: string;
  readonly poolKey?: string;
}

export function addPoolOptions(command: Command): Command {
  return command
    .option("--pool <url>", "the pool's address (or AEGIS_POOL)", defaultPool())
    .option("--pool-key <hex>", "refuse any pool but the one with this key");
}

/** The pool that the flags name, with the account that pays for this user's jobs. */
export async function connectToPay({ pool, poolKey }: PoolFlags): Promise<Pool> {
  return Pool.connect(pool, { key: poolKey, account: await openAccountKey() });
}

/** What a job may cost and take. */
export interface JobFlags extends PoolFlags {
  readonly timeLimit?: string;
  readonly memory?: string;
  readonly maxPrice?: string;
  readonly budget?: string;
  readonly deadline?: string;
  readonly gang?: string;
  readonly card?: string;
  readonly cardMemory?: string;
  readonly deterministic?: boolean;
  readonly verify?: string;
  readonly operator?: string[];
  readonly excludeOperator?: string[];
}

export function addJobOptions(command: Command): Command {
  return addPoolOptions(command)
    .option("--time-limit <duration>", "longest run of one task, such as 30s (default 60s)")
    .option("--memory <size>", "memory of one task beyond the engine's own, such as 512MiB (default 256MiB)")
    .option("--max-price <amount>", 'top price per SCU-second, such as "4000 nAIS" (the default)')
    .option("--budget <amount>", 'never spend more than this, such as "0.5 AIS"')
    .option("--deadline <duration>", "give up what is not done by then, such as 10min")
    .option("--gang <size>", "so many tasks begin together, each on a machine of its own, or none of them")
    .option("--card <part>", "for webgpu: this part of a graphics card is enough, such as 25% (default: all of it)")
    .option("--card-memory <size>", "card memory that must come with the part, such as 2GiB")
    .option("--deterministic", "for js and wasm: the same input gives the same result on every machine")
    .option(
      "--verify <policy>",
      "have results checked. By other operators, for js and wasm: spot, quorum or quorum:3 (2 to 7 must agree), quorum:3:always. Here, for any engine: judged:3:1e-6 (3 operators, numbers alike to a millionth; :float32, :float64 or :safetensors for outputs of bytes), exact-product",
    )
    .addOption(new Option("--operator <hex...>", "only machines of these operators"))
    .addOption(new Option("--exclude-operator <hex...>", "no machines of these operators"));
}

/** @throws {AegisError} `bad-argument` */
export function toJobOptions(flags: JobFlags): JobOptions {
  return {
    timeLimitMs: flags.timeLimit === undefined ? undefined : parseDuration(flags.timeLimit),
    memory: flags.memory,
    maxPrice: flags.maxPrice === undefined ? undefined : parseAmount(flags.maxPrice),
    budget: flags.budget === undefined ? undefined : parseAmount(flags.budget),
    deadlineMs: flags.deadline === undefined ? undefined : parseDuration(flags.deadline),
    gang: flags.gang === undefined ? undefined : parseWhole("--gang", flags.gang, 1, protocolLimits.tasksPerGang),
    card: cardOf(flags),
    deterministic: flags.deterministic,
    verify: flags.verify === undefined ? undefined : parsePolicy(flags.verify),
    operators: flags.operator,
    excludedOperators: flags.excludeOperator,
  };
}

function cardOf({ card, cardMemory }: JobFlags): JobOptions["card"] {
  if (card !== undefined) return { part: card, memory: cardMemory };
  if (cardMemory === undefined) return undefined;
  throw new AegisError({
    code: "bad-argument",
    message: `--card-memory ${cardMemory} says of no part that it must come with it.`,
    next: "Give --card too, such as --card 25%.",
  });
}

/** @throws {AegisError} `bad-argument` */
function parsePolicy(text: string): JobOptions["verify"] {
  if (text === "spot" || text === "quorum" || text === "exact-product") return text;
  const judged = parseJudged(text);
  if (judged) return judged;
  const [, agreeing, always] = /^quorum(?::(\d+))?(?::(always))?$/.exec(text) ?? [];
  if (agreeing === undefined && always === undefined) throw badPolicy(text);
  return {
    policy: "quorum",
    agreeing: agreeing === undefined ? undefined : Number(agreeing),
    always: always !== undefined,
  };
}

const badPolicy = (text: string) =>
  new AegisError({
    code: "bad-argument",
    message: `--verify ${text} is no policy.`,
    next: "Give spot, exact-product, quorum with how many operators must agree, such as quorum:3 (quorum:3:always for each task), or judged with how many run each task and how far numbers may be apart, such as judged:3:1e-6.",
  });

/** nAIS. @throws {AegisError} `bad-argument` */
export function parseAmount(text: string): bigint {
  const amount = parseAis(text);
  if (amount !== undefined) return amount;
  throw new AegisError({
    code: "bad-argument",
    message: `"${text}" is not an amount.`,
    next: 'Give one such as "0.5 AIS" or "4000 nAIS".',
  });
}

/** A whole number in a range. @throws {AegisError} `bad-argument` */
export function parseWhole(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= minimum && value <= maximum) return value;
  throw new AegisError({
    code: "bad-argument",
    message: `${name} is "${text}"; it must be a whole number from ${minimum} to ${maximum}.`,
    next: `Give another ${name}.`,
  });
}
