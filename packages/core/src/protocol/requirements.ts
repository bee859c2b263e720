import { type Static, Type } from "typebox";
import { equalBytes } from "../shared/bytes.js";
import { Bytes, Exactly, Whole } from "../shared/schema.js";
import type { LentClass } from "../units/rating/slot-speed.js";
import { AttestedPolicy } from "../verification/attestation/attested-policy.js";
import { protocolLimits } from "./limits.js";

/** What can execute a task. More come with their own issues; an agent offers those it can sandbox. */
export const engineNames = ["js", "wasm", "onnx", "webgpu"] as const;

/** An engine that runs programs in a sandbox. */
export type EngineName = (typeof engineNames)[number];

export const EngineSchema = Type.Enum(engineNames);

/**
 * What an agent can offer: engines, and to be a member of committees that remove the masks of secure sums. That runs no program of anybody's: it is the
 * agent's own code, and whoever is a member is drawn, not matched.
 */
export const OfferedEngine = Type.Enum([...engineNames, "aggregate"]);
export type OfferedEngine = Static<typeof OfferedEngine>;

/** The class of device that an engine runs on, and by whose speed its tasks are paid. */
export const engineClasses: Readonly<Record<EngineName, LentClass>> = {
  js: "cpu",
  wasm: "cpu",
  onnx: "cpu",
  webgpu: "webgpu",
};

/** Whether who lends this runs tasks of `engine`: an engine of another class would be paid by the speed of a device that does not run it. */
export function lendsEngine(
  offer: { engines: readonly OfferedEngine[]; class: LentClass },
  engine: EngineName,
): boolean {
  return engineClasses[engine] === offer.class && offer.engines.includes(engine);
}

/** The engines of an offer that run tasks: whoever is a committee member is drawn, not matched. */
export function taskEngines({ engines }: { readonly engines: readonly OfferedEngine[] }): EngineName[] {
  return engines.filter((engine) => engine !== "aggregate");
}

/** How far numbers in two outputs may be apart for these to agree. */
const Tolerance = Exactly({
  /** Of the larger magnitude, in billionths; 0: they are equal. */
  billionths: Whole(0, 1_000_000_000),
  /** What outputs of bytes are: floats, little-endian, or tensors of which those of floats are compared so; absent: compared exactly. */
  bytes: Type.Optional(Type.Enum(["float32", "float64", "safetensors"])),
});
export type Tolerance = Static<typeof Tolerance>;

/** What a task needs of a machine, and its bounds there: all that an offer says about a task, besides number and reward. */
export const Requirements = Exactly({
  engine: EngineSchema,
  /** Memory for the program beyond the engine's own, in bytes: 16 MiB to 1 TiB. */
  memoryBytes: Whole(16 * 1024 ** 2, 1024 ** 4),
  /** Longest run, in ms; the task fails as `time-limit` beyond it. At most a week. */
  timeLimitMs: Whole(1, 7 * 24 * 3_600_000),
  /** Largest output, in bytes of plaintext. */
  outputBytes: Whole(1, 1024 ** 3),
  /** The task is one of a gang: `size` tasks of its job, alike in all else, that begin together, each on an agent of its own. */
  gang: Type.Optional(
    Exactly({
      /** Which of the job's gangs. */
      number: Whole(1, 2 ** 32 - 1),
      size: Whole(2, protocolLimits.tasksPerGang),
    }),
  ),
  /** The same program gives the same result for the same input on every machine: clock, randomness and timers are set (`js`, `wasm`). */
  deterministic: Type.Optional(Type.Literal(true)),
  /**
   * What a deterministic `wasm` task may use, counted in its own instructions (decision 028): it fails as `fuel-limit` beyond it, on every
   * machine alike. Absent: it is counted, and only the time limit ends it.
   */
  fuel: Type.Optional(Whole(1)),
  /** How sure the requester wants to be of the result; absent: nobody checks it. */
  verification: Type.Optional(
    Type.Union([
      /** The result is taken as it comes, and now and then other operators run the task too. */
      Exactly({ policy: Type.Literal("spot") }),
      /** The result is held, and paid, when as many operators agree as are asked for or its agent has earned trust by other results. */
      Exactly({
        policy: Type.Literal("quorum"),
        /** How many operators must give one answer to a task that is checked. */
        agreeing: Whole(2, protocolLimits.mostAgreeing),
        /** Each task is checked, however well its agent is trusted. */
        always: Type.Optional(Type.Literal(true)),
        /** Agents sign what they get for contracts on this chain, by EIP-155's number, and seal that for the requester. */
        certificateChain: Type.Optional(Whole(1)),
      }),
      AttestedPolicy,
      /** So many operators run the task, all results are held, and the requester compares them: see `likenessOf`. */
      Exactly({
        policy: Type.Literal("judged"),
        runs: Whole(2, protocolLimits.mostAgreeing),
        tolerance: Tolerance,
      }),
      /** The task is to multiply two matrices of integers; the result is held, and the requester checks it: see `productVerdict`. */
      Exactly({ policy: Type.Literal("exact-product") }),
    ]),
  ),
  /** A part of one graphics card is enough; absent: a slot of the cores, or all that an agent lends of its card. */
  card: Type.Optional(
    Exactly({
      /** Of the card's time and memory, in thousandths of the whole card. */
      thousandths: Whole(protocolLimits.leastCardPart, 1_000),
      /** Card memory that the part must come with, in bytes. */
      memoryBytes: Whole(0, 1024 ** 4),
    }),
  ),
  /** Only these operators, by Ed25519 key; absent: any. */
  operators: Type.Optional(Type.Array(Bytes(32), { minItems: 1, maxItems: 64 })),
  /** None of these operators, by Ed25519 key. */
  excludedOperators: Type.Optional(Type.Array(Bytes(32), { maxItems: 64 })),
});

export type Requirements = Static<typeof Requirements>;

/** Engines of which we make clock, randomness and order the same everywhere. */
const deterministicEngines: ReadonlySet<EngineName> = new Set(["js", "wasm"]);

/** What a task under `quorum` asks for; undefined: its result is not held. */
export type QuorumPolicy = Extract<NonNullable<Requirements["verification"]>, { policy: "quorum" }>;

export function quorumOf({ verification }: Requirements): QuorumPolicy | undefined {
  return verification?.policy === "quorum" ? verification : undefined;
}

/** Whether results are compared by what agents have committed to: others run the task too, and neither pool nor requester is to be believed. */
export function isReplicated({ verification }: Pick<Requirements, "verification">): boolean {
  return verification?.policy === "spot" || verification?.policy === "quorum";
}

/** How many results of a task its requester judges together; undefined: it judges none. */
export function judgedRuns({ verification }: Requirements): number | undefined {
  if (verification?.policy === "judged") return verification.runs;
  return verification?.policy === "exact-product" ? 1 : undefined;
}

/** What is at odds in requirements of the right form, in words; undefined: nothing. */
export function conflictIn(requirements: Requirements): string | undefined {
  const { engine, card, gang, deterministic, fuel, verification } = requirements;
  const isRunAgain = isReplicated(requirements) || verification?.policy === "judged";
  if (isReplicated(requirements) && !deterministic) return "only deterministic tasks can be checked by others";
  if (isRunAgain && gang) return "the tasks of a gang are not run again to be checked";
  if (isRunAgain && requirements.operators) return "whoever names the operators would name who checks them";
  if (deterministic && !deterministicEngines.has(engine)) return `the engine ${engine} cannot run deterministically`;
  if (fuel !== undefined && !(deterministic && engine === "wasm"))
    return "fuel is counted in deterministic tasks of the engine wasm alone";
  if (card && engineClasses[engine] === "cpu") return `the engine ${engine} has no use for a part of a graphics card`;
  return card && gang ? "the tasks of a gang take whole cards, not parts" : undefined;
}

/** What a machine must have proven of itself to run the task; undefined: nothing. */
export function attestationAsked({ verification }: Requirements): AttestedPolicy | undefined {
  return verification?.policy === "attested" ? verification : undefined;
}

/** Whether the requester allows this operator, by Ed25519 key, to run the task. */
export function allowsOperator({ operators, excludedOperators }: Requirements, operator: Uint8Array): boolean {
  if (excludedOperators?.some((key) => equalBytes(key, operator))) return false;
  return !operators || operators.some((key) => equalBytes(key, operator));
}
