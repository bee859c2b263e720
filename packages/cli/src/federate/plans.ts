import { readFile } from "node:fs/promises";
import { AegisError, type TrainingTerms } from "@aegis-pool/core";
import { type KnownPlan, type OwnPart, planProcedure, type PlanResult } from "@aegis-pool/plans";
import { type AnyProcedure, outsideTrainer, splitCommand } from "@aegis-pool/sdk";

/** A participant's own part, as its flags say it. */
interface OwnFlags {
  readonly data: string;
  readonly trainer: string | undefined;
  readonly signal: AbortSignal;
}

/**
 * The plan's procedure with a participant's own part; without one, for who observes.
 * @throws {AegisError} `bad-argument` for data that cannot be read or do not fit
 */
export async function procedureOf(plan: KnownPlan, own?: OwnFlags): Promise<AnyProcedure<PlanResult>> {
  return planProcedure(plan, own && (await partOf(own)));
}

async function partOf({ data, trainer, signal }: OwnFlags): Promise<OwnPart> {
  if (trainer === undefined) return { name: data, text: await readFile(data, "utf8").catch(asNoData(data)) };
  const command = splitCommand(trainer);
  return { trainer, outside: (terms: TrainingTerms) => outsideTrainer({ command, dataPath: data }, terms, { signal }) };
}

function asNoData(path: string) {
  return (cause: unknown): never => {
    throw new AegisError({
      code: "bad-argument",
      message: `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      next: "Give --data FILE, comma-separated values under a line of names.",
      cause,
    });
  };
}
