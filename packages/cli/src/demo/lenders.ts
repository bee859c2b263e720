import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  AegisError,
  encode,
  logitsOf,
  plainSum,
  rowsOf,
  runTogether,
  seededUniform,
  type Signer,
} from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { creditProcedure, type CreditResult, type CreditSettings, mostSums } from "@aegis-pool/plans";
import { createRun, participate, type Pool, type RunEvent } from "@aegis-pool/sdk";
import {
  areaUnderCurve,
  equalLenders,
  german,
  type LabelledTable,
  parseCredit,
  schemaOf,
  shuffled,
  syntheticLenders,
  syntheticSchema,
  taiwan,
} from "@aegis-pool/workload-credit";
import { createProgress } from "../terminal/progress.js";
import type { Output } from "../terminal/output.js";

/** Lenders of the scene, and rounds that they train. */
const [lenderCount, rounds] = [6, 12];
/** Of an upload: features and their histograms. */
const mostValues = 2 ** 19;
const seed = 7;

/** What the scene comes to, for `--json`. */
export interface LendersOutcome {
  /** Whether the applicants are invented. */
  readonly synthetic: boolean;
  readonly lenders: number;
  /** On whom the models were trained, and on whom they are judged. */
  readonly applicants: number;
  readonly judged: number;
  /** Sums that were made, and bytes that one lender has sent. */
  readonly sums: number;
  readonly bytes: number;
  /** Area under the ROC curve: of the model that all have, and of those that lenders make alone, in the mean. */
  readonly together: number;
  readonly alone: number;
  readonly seconds: number;
}

/** What the scene is played with. */
export interface LendersScene {
  readonly pool: Pool;
  /** Pays for the committee. */
  readonly account: Signer;
  readonly folder: string;
  readonly output: Output;
  /** A file of applicants; invented ones by default. */
  readonly data: string | undefined;
  readonly interrupted: Promise<unknown>;
}

/** Six lenders train one model of who pays back; masked updates alone leave each, and agents of the pool remove the masks of sums. */
export async function runLenders(scene: LendersScene): Promise<LendersOutcome> {
  const begunAt = performance.now();
  const parts = await partsOf(scene.data);
  const settings = settingsOf(parts);
  const { results, sums, bytes } = await trainTogether(scene, parts.training, settings);
  const [model] = results;
  if (!model) throw new TypeError("a run has participants");
  const alone = parts.training.map((own) => runTogether([creditProcedure(settings, own)], plainSum)[0]);
  const aucs = alone.map((each) => (each ? aucOf(each, parts.judged) : 0));
  return {
    synthetic: scene.data === undefined,
    lenders: parts.training.length,
    applicants: countOf(parts.training),
    judged: countOf(parts.judged),
    sums,
    bytes,
    together: aucOf(model, parts.judged),
    alone: aucs.reduce((all, auc) => all + auc, 0) / aucs.length,
    seconds: (performance.now() - begunAt) / 1_000,
  };
}

/** Each lender's own applicants: those that it trains on, and those that all models are judged by. */
interface Parts {
  readonly training: readonly LabelledTable[];
  readonly judged: readonly LabelledTable[];
  readonly schema: CreditSettings["schema"];
}

async function partsOf(path: string | undefined): Promise<Parts> {
  const random = seededUniform(seed);
  const { applicants, schema } = path === undefined ? invented() : await lendersIn(path, random);
  const parts = applicants.map((own) => {
    const places = shuffled([...own.labels.keys()], random);
    const cut = Math.floor(places.length * 0.8);
    return { training: chosen(own, places.slice(0, cut)), judged: chosen(own, places.slice(cut)) };
  });
  const columns = schema.columns.map((column) =>
    "names" in column ? { ...column, names: [...column.names] } : column,
  );
  const [training, judged] = [parts.map((each) => each.training), parts.map((each) => each.judged)];
  return { training, judged, schema: { ...schema, columns } };
}

function invented() {
  const lenders = syntheticLenders({ lenders: lenderCount, applicants: 4_000, seed });
  return { applicants: lenders.map(({ applicants }) => applicants), schema: syntheticSchema };
}

/** The applicants in a file, dealt to lenders. @throws {AegisError} `bad-argument` */
async function lendersIn(path: string, random: () => number) {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw noApplicants(path, "it cannot be read", cause);
  });
  const schema = schemaOf(text);
  if (!schema) throw noApplicants(path, `its columns are not those of ${german.name} or ${taiwan.name}`);
  const all = parseCredit(text, schema);
  const split = equalLenders([...all.labels.keys()], lenderCount, random);
  return { applicants: split.map((places) => chosen(all, places)), schema };
}

function chosen({ table, labels }: LabelledTable, places: readonly number[]): LabelledTable {
  return { table: rowsOf(table, places), labels: Uint8Array.from(places, (place) => labels[place] ?? 0) };
}

function settingsOf({ training, schema }: Parts): CreditSettings {
  const mostRows = Math.max(...training.map(({ labels }) => labels.length));
  const salt = primitives.randomBytes(16);
  return { schema, model: "lr", rounds, hidden: [], mostParticipants: training.length, mostRows, salt, seed };
}

/** A run of all lenders at the pool, all in this process; each would be elsewhere. */
async function trainTogether(
  { pool, account, folder, output, interrupted }: LendersScene,
  training: readonly LabelledTable[],
  settings: CreditSettings,
) {
  const total = mostSums(settings);
  const terms = {
    participants: training.length,
    rounds: total,
    values: mostValues,
    plan: { name: "credit", settings },
  };
  const { invitations } = await createRun(pool.client, { ...terms, account });
  const stop = new AbortController();
  void interrupted.then(() => stop.abort());
  const progress = createProgress("  ", output.json);
  let [sums, bytes] = [0, 0];
  const onEvent = (event: RunEvent) => {
    if (event.type === "uploaded") bytes += event.bytes;
    if (event.type === "summed") sums = event.round;
    if (event.type === "ready") progress.update(event.round - 1, total, `sum ${event.round}: ${event.name}`);
  };
  const results = await Promise.all(
    training.map((own, lender) =>
      participate(invitations[lender]!, creditProcedure(settings, own), {
        statePath: join(folder, `lender-${lender + 1}.state`),
        signal: stop.signal,
        ...(lender === 0 && { onEvent }),
      }),
    ),
  ).finally(() => progress.end());
  return { results, sums, bytes };
}

function countOf(parts: readonly LabelledTable[]): number {
  return parts.reduce((all, { labels }) => all + labels.length, 0);
}

function aucOf(result: CreditResult, judged: readonly LabelledTable[]): number {
  if (result.kind !== "network") throw new TypeError("the scene trains a network");
  const { model, features } = result;
  const scores = judged.flatMap(({ table }) => [...logitsOf(model, encode(features, table))]);
  return areaUnderCurve(
    scores,
    judged.flatMap(({ labels }) => [...labels]),
  );
}

function noApplicants(path: string, why: string, cause?: unknown): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `--data ${path}: ${why}.`,
    next: "Give a file of the German or the Taiwan credit data of UCI, as CSV with its line of names.",
    cause,
  });
}

/** The scene in plain words. */
export function lendersText(outcome: LendersOutcome): string {
  const { synthetic, lenders, applicants, judged, sums, bytes, together, alone, seconds } = outcome;
  const who = synthetic ? "invented applicants (synthetic: drawn from a formula, of no real person)" : "applicants";
  return [
    `${lenders} lenders with ${applicants} ${who} trained one model in ${sums} sums; each sent ${Math.round(bytes / 1_000)} kB, all of it masked`,
    `on ${judged} applicants that none was trained on: AUC ${together.toFixed(3)} together, ${alone.toFixed(3)} alone (the mean of ${lenders})`,
    `no lender, no agent and not the pool has seen what another added; four operators of the pool, drawn by all, removed the masks of the sums alone`,
    `all this took ${seconds.toFixed(1)} s`,
  ]
    .map((line) => `   ${line}`)
    .join("\n");
}
