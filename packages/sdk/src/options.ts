import {
  AegisError,
  conflictIn,
  defaultPrices,
  fromHex,
  isReplicated,
  parseAis,
  parseBytes,
  protocolLimits,
  type Priced,
  type Requirements,
  type TaskValue,
  worstCharge,
} from "@aegis-pool/core";
import { badOption, whole } from "./bad-option.js";
import type { LocalFile } from "./local-file.js";
import type { Program } from "./program.js";
import { verificationOf, type VerifyOption } from "./verify-option.js";

/** What a requester can say about a job; every field has a default. */
export interface JobOptions {
  /** Longest run of one task, in ms. Default 60,000. */
  readonly timeLimitMs?: number | undefined;
  /** Memory beyond the engine's own, in bytes or as "256MiB". Default 256 MiB. */
  readonly memory?: number | string | undefined;
  /** Largest output, in bytes. Default 16 MiB. */
  readonly outputBytes?: number | undefined;
  /** Top price in nAIS per SCU-second. Default 4,000. */
  readonly maxPrice?: bigint | undefined;
  /** Most work one task is paid for, in µSCU-seconds. Default: half an SCU for the whole time limit. */
  readonly maxWork?: number | undefined;
  /** Never spend more than this on the job, in nAIS or as "0.5 AIS". Default: no bound but each task's own. */
  readonly budget?: bigint | string | undefined;
  /** Give up what is not done after this many ms, at most 24 days. Default: none. */
  readonly deadlineMs?: number | undefined;
  /**
   * So many tasks begin together, each on a machine of its own, or none of them: inputs in their order are parted into
   * gangs of this size. 2 to 256; their number must be a multiple of it. Default: each task begins by itself.
   */
  readonly gang?: number | undefined;
  /**
   * For `webgpu`: a part of one graphics card is enough, as "25%" of its time and memory, 5% to 100%; `memory` is card memory that
   * must come with it, in bytes or as "2GiB". Default: all that a machine lends of its card.
   */
  readonly card?: { readonly part: string; readonly memory?: number | string | undefined } | undefined;
  /**
   * For `js` and `wasm`: the same input gives the same result on every machine. Clock, random numbers and timers are set, each task
   * has a process of its own. Default: false.
   */
  readonly deterministic?: boolean | undefined;
  /**
   * For `wasm`: what a task may use, counted in its own instructions, so that it ends alike on every machine; about 10^9 for a second of one
   * fast core. Its tasks are then deterministic. Default: only the time limit ends them.
   */
  readonly fuel?: number | undefined;
  /**
   * How sure to be of results, for deterministic tasks. `spot`: they are taken as they come, and now and then other operators run the same
   * task, which costs as much again; who is found to be wrong is checked more. `quorum`: they are held, and paid, when `agreeing` operators
   * agree (2 to 7, default 2) or their agent has earned trust by others of its results; wrong ones cost their operators, not you. With
   * `always` every task is run by so many operators. `attested`, for any task: only confidential VMs that prove how they were started get keys.
   * `judged`, for programs of any engine whose numbers may differ a little: every task is run by several operators, this process compares what they give, and only those that agree are paid.
   * `exact-product`, for programs of any engine that multiply matrices (`productInput`): this process checks each product, and shows the pool the key of a task whose product is wrong. Default: nobody checks.
   */
  readonly verify?: VerifyOption | undefined;
  /** Only these operators, by key in hexadecimal. */
  readonly operators?: readonly string[] | undefined;
  /** None of these operators. */
  readonly excludedOperators?: readonly string[] | undefined;
  /** A value, or a file as bytes, that every task of the job can read; it is uploaded once. */
  readonly shared?: TaskValue | LocalFile | undefined;
  /** Results of bytes over 64 KiB become files there, named by their index, and their values are {@link LocalFile}s. */
  readonly resultsFolder?: string | undefined;
}

/** {@link JobOptions} with every default filled in. */
export interface JobTerms {
  readonly requirements: Requirements;
  readonly maxPrice: bigint;
  readonly maxWork: number;
  /** nAIS; undefined: none. */
  readonly budget: bigint | undefined;
  readonly deadlineMs: number | undefined;
  /** Tasks that begin together; 1: each begins by itself. */
  readonly gang: number;
}

const mebibyte = 1024 ** 2;
/** The default bound on paid work, as a speed over the time limit: several times a fast processor core. */
const generousSpeedMicroScu = 500_000;

/** What a price on the wire can say, in nAIS per SCU-second. */
const mostPrice = 10n ** 15n - 1n;
/** A longer timer would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * The terms of a job.
 * @throws {AegisError} `bad-argument` that names the option, the value received and what is allowed
 */
export function jobTerms(program: Program, options: JobOptions): JobTerms {
  const timeLimitMs = whole("timeLimitMs", options.timeLimitMs ?? 60_000, 1, 7 * 24 * 3_600_000);
  const operators = options.operators?.map((key) => operatorKey(key));
  const excludedOperators = options.excludedOperators?.map((key) => operatorKey(key));
  const verification = options.verify && verificationOf(options.verify);
  const requirements: Requirements = {
    engine: program.engine,
    timeLimitMs,
    memoryBytes: whole("memory", memoryBytes(options.memory), 16 * mebibyte, 1024 ** 4),
    outputBytes: whole("outputBytes", options.outputBytes ?? 16 * mebibyte, 1, 1024 ** 3),
    ...((options.deterministic || (verification && isReplicated({ verification })) || options.fuel !== undefined) && {
      deterministic: true as const,
    }),
    ...(options.fuel !== undefined && { fuel: whole("fuel", options.fuel, 1, Number.MAX_SAFE_INTEGER) }),
    ...(verification && { verification }),
    ...(options.card && { card: cardPart(options.card) }),
    ...(operators && { operators }),
    ...(excludedOperators && { excludedOperators }),
  };
  const defaultWork = Math.ceil((generousSpeedMicroScu * timeLimitMs) / 1_000);
  const maxWork = whole("maxWork", options.maxWork ?? defaultWork, 1, Number.MAX_SAFE_INTEGER);
  const terms = { requirements, maxWork, maxPrice: options.maxPrice ?? defaultPrices.top };
  if (terms.maxPrice < 1n || terms.maxPrice > mostPrice) {
    throw badOption("maxPrice", String(terms.maxPrice), `1 to ${mostPrice} nAIS`);
  }
  const { deadlineMs } = options;
  if (deadlineMs !== undefined) whole("deadlineMs", deadlineMs, 1, longestTimerMs);
  const gang = whole("gang", options.gang ?? 1, 1, protocolLimits.tasksPerGang);
  const conflict = conflictIn({ ...requirements, ...(gang > 1 && { gang: { number: 1, size: gang } }) });
  if (conflict) throw impossible(conflict);
  return { ...terms, budget: budgetOf(options.budget), deadlineMs, gang };
}

/** The most that one task can cost under `terms`, in nAIS. */
export function worstChargeOf(terms: JobTerms): bigint {
  return worstCharge({ ...pricedAs(terms), maxPrice: terms.maxPrice });
}

/** What the price of one task under `terms` depends on. */
export function pricedAs({ gang: size, maxWork }: Pick<JobTerms, "gang" | "maxWork">): Priced {
  return { requirements: size > 1 ? { gang: { number: 1, size } } : {}, maxWork };
}

/** @throws {AegisError} `bad-argument` where `inputs` tasks are not whole gangs */
export function requireWholeGangs({ gang }: JobTerms, inputs: number): void {
  if (inputs % gang !== 0)
    throw badOption("gang", String(gang), `a divisor of the number of inputs, which is ${inputs}`);
}

function memoryBytes(memory: number | string | undefined): number {
  if (memory === undefined) return 256 * mebibyte;
  if (typeof memory === "number") return memory;
  return parseBytes(memory) ?? Number.NaN;
}

function cardPart({ part, memory }: NonNullable<JobOptions["card"]>): NonNullable<Requirements["card"]> {
  const percent = /^(\d+(?:\.\d)?)%$/.exec(part)?.[1];
  const thousandths = Math.round(Number(percent) * 10);
  const least = protocolLimits.leastCardPart;
  if (!(thousandths >= least && thousandths <= 1_000)) throw badOption("card", part, `${least / 10}% to 100%`);
  const bytes = typeof memory === "string" ? parseBytes(memory) : (memory ?? 0);
  if (bytes === undefined) throw badOption("card memory", String(memory), 'a size such as "2GiB"');
  return { thousandths, memoryBytes: whole("card memory", bytes, 0, 1024 ** 4) };
}

function budgetOf(budget: bigint | string | undefined): bigint | undefined {
  if (typeof budget !== "string") return budget;
  const amount = parseAis(budget);
  if (amount === undefined) throw badOption("budget", budget, 'an amount such as "0.5 AIS"');
  return amount;
}

function operatorKey(text: string): Uint8Array {
  const key = fromHex(text);
  if (key?.length === 32) return key;
  throw badOption("operators", text, "a key of 64 hexadecimal digits");
}

function impossible(conflict: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `No machine can meet these requirements: ${conflict}.`,
    next: "Leave one of the two out.",
  });
}
