import { randomInt } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createAtomically } from "@aegis-pool/platform";
import { AegisError } from "@aegis-pool/core";
import { syntheticLenders, syntheticSchema, writeCredit } from "@aegis-pool/workload-credit";
import { parseWhole } from "../commands/shared-options.js";
import { createOutput } from "../terminal/output.js";

interface SampleFlags {
  readonly participants: string;
  readonly applicants: string;
  readonly seed?: string;
  readonly out: string;
  readonly json?: boolean;
}

/** Writes invented applicants, a file for each lender, to try a run with. */
export async function sample(flags: SampleFlags): Promise<void> {
  const lenders = parseWhole("--participants", flags.participants, 1, 1_000);
  const applicants = parseWhole("--applicants", flags.applicants, lenders, 10_000_000);
  const seed = flags.seed === undefined ? randomInt(2 ** 32) : parseWhole("--seed", flags.seed, 0, 2 ** 32 - 1);
  await mkdir(flags.out, { recursive: true });
  const digits = Math.max(2, String(lenders).length);
  const files: string[] = [];
  for (const [at, lender] of syntheticLenders({ lenders, applicants, seed }).entries()) {
    const path = join(flags.out, `lender-${String(at + 1).padStart(digits, "0")}.csv`);
    if (!(await createAtomically(path, writeCredit(lender.applicants, syntheticSchema)))) throw taken(path);
    files.push(path);
  }
  const said = `${applicants} invented applicants of ${lenders} lenders are in ${flags.out} (seed ${seed}): drawn from a formula, of no real person.`;
  createOutput(flags.json === true).result({ files, seed, synthetic: true }, said);
}

function taken(path: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `${path} is there already.`,
    next: "Give another folder with --out.",
  });
}
