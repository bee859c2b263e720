import { AegisError, noiseMultiplierFor, participantNoiseFor } from "@aegis-pool/core";
import {
  type KnownPlan,
  type ParticipantPromise,
  type RecordPromise,
  type RunShape,
  trainingOf,
} from "@aegis-pool/plans";
import { parseWhole } from "../commands/shared-options.js";
import { numberIn, onlyWhere, unusable } from "./flags.js";

/** What is promised, as flags say it. */
export interface PrivacyFlags {
  readonly epsilon?: string;
  readonly delta: string;
  readonly per?: "record" | "participant";
  readonly rows?: string;
  readonly colluding: string;
  readonly clipNorm?: string;
  readonly adaptClip?: true;
}

type Target = Pick<RecordPromise, "epsilon" | "delta" | "sharers">;

/** The norms that updates are clipped to unless it is said: of the plan "credit" one step over all rows, measured on invented and on public applicants. */
const usualNorm = { credit: 0.1, network: 1 };
/** The count of clipped updates bears so many times the noise that all may have together: it takes a tenth of the budget. */
const countNoise = Math.sqrt(10) / 2;
/** Noise in that count at most, as a part of those who share it: with more, the norm follows noise alone. */
const mostCountNoise = 1 / 4;

/** The same plan with the promise that the flags ask for, and the noise that keeps it. @throws {AegisError} `bad-argument` */
export function withPrivacy(plan: KnownPlan, flags: PrivacyFlags, shape: RunShape): KnownPlan {
  const { per = "record", rows, clipNorm, adaptClip } = flags;
  if (flags.epsilon === undefined) {
    onlyWhere("with --epsilon", { "--per": flags.per, "--rows": rows });
    onlyWhere("with --per participant", { "--clip-norm": clipNorm, "--adapt-clip": adaptClip });
    return plan;
  }
  const target: Target = {
    epsilon: numberIn("--epsilon", flags.epsilon, 1_000),
    delta: numberIn("--delta", flags.delta, 0.1),
    sharers: shape.floor - parseWhole("--colluding", flags.colluding, 0, shape.floor - 1),
  };
  if (per === "record") {
    onlyWhere("with --per participant", { "--clip-norm": clipNorm, "--adapt-clip": adaptClip });
    return perRecord(plan, target, rows);
  }
  onlyWhere("with --per record", { "--rows": rows });
  if (plan.name === "credit" && plan.settings.model === "trees") {
    throw unusable("--epsilon", flags.epsilon, "for the models lr and mlp alone");
  }
  const norm = clipNorm === undefined ? usualNorm[plan.name] : numberIn("--clip-norm", clipNorm, 1e6);
  return perParticipant(plan, { ...target, clipNorm: norm }, shape, adaptClip === true);
}

function perRecord(plan: KnownPlan, target: Target, rows: string | undefined): KnownPlan {
  const { epsilon, delta } = target;
  if (plan.name !== "credit" || plan.settings.model !== "lr") {
    throw unusable(
      "--epsilon",
      String(epsilon),
      "for the model lr of the plan credit alone, or with --per participant",
    );
  }
  const { strategy, robust, measureEvery, rounds: steps } = plan.settings;
  onlyWhere("without --epsilon, or with --per participant", { "--strategy": strategy?.name, "--robust": robust?.name });
  onlyWhere("without --epsilon", { "--measure-every": measureEvery?.toString() });
  if (rows === undefined) throw unusable("--rows", "missing", "given with --epsilon, such as --rows 20000");
  const noiseMultiplier = found(() => noiseMultiplierFor({ samplingRate: 1, steps }, { epsilon, delta }), epsilon);
  const all = parseWhole("--rows", rows, 1, Number.MAX_SAFE_INTEGER);
  return {
    name: "credit",
    settings: { ...plan.settings, privacy: { per: "record", ...target, noiseMultiplier, rows: all } },
  };
}

function perParticipant(
  plan: KnownPlan,
  target: Target & Pick<ParticipantPromise, "clipNorm">,
  shape: RunShape,
  adapts: boolean,
): KnownPlan {
  if (plan.name === "credit") {
    onlyWhere("without --epsilon", { "--measure-every": plan.settings.measureEvery?.toString() });
  }
  const fixed = calibrated(plan, { per: "participant", ...target, noiseMultiplier: 1 }, shape);
  if (!adapts) return promising(plan, fixed);
  const countDeviation = Math.max(target.sharers / 20, countNoise * fixed.noiseMultiplier);
  if (countDeviation <= mostCountNoise * target.sharers) {
    return promising(plan, calibrated(plan, { ...fixed, countDeviation }, shape));
  }
  throw unusable(
    "--adapt-clip",
    `given with noise that ${target.sharers} participants share`,
    `given where ${Math.ceil(countDeviation / mostCountNoise)} or more share it (--floor less --colluding), since the norm would follow noise alone; or say --clip-norm`,
  );
}

/** The promise with the noise that keeps it. */
function calibrated(plan: KnownPlan, promise: ParticipantPromise, shape: RunShape): ParticipantPromise {
  const training = trainingOf(promising(plan, promise));
  if (!training) throw new TypeError("A plan that promises a participant privacy knows its model before any sum.");
  const smallest = { floor: shape.floor, colluders: shape.floor - promise.sharers };
  const { start, terms } = training;
  const { noiseMultiplier } = found(
    () => participantNoiseFor(terms, start.parameters.length, smallest, promise),
    promise.epsilon,
  );
  return { ...promise, noiseMultiplier };
}

function promising(plan: KnownPlan, privacy: ParticipantPromise): KnownPlan {
  if (plan.name === "credit") return { name: "credit", settings: { ...plan.settings, privacy } };
  return { name: "network", settings: { ...plan.settings, privacy } };
}

/** What calibration finds, or in its words why there is no such noise. */
function found<T>(find: () => T, epsilon: number): T {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new AegisError({
      code: "bad-argument",
      message: `--epsilon ${epsilon} cannot be kept: ${error.message}.`,
      next: "Give a larger --epsilon or --delta, or fewer --rounds.",
      cause: error,
    });
  }
}
