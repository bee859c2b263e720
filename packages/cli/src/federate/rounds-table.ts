import { type GroupSum, lengthOf, measuredBy, type Step } from "@aegis-pool/core";
import type { AnyProcedure } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

/** One sum of a run, as far as all participants know it. */
export interface RoundLine {
  readonly round: number;
  /** Such as "round 3". */
  readonly name: string;
  readonly participants: number;
  /** Mean loss of the model that the round began with, where it is sent. */
  readonly loss: number | undefined;
  /** Area under the ROC curve over all participants' rows, where the sum is a measurement. */
  readonly auc: number | undefined;
  /** Of one participant's upload, masks and all. */
  readonly bytes: number;
}

/** The same procedure, with a line for each of its sums. */
export async function* withLines<Result>(
  procedure: AnyProcedure<Result>,
  onLine: (line: RoundLine) => void,
): AsyncGenerator<Step, Result, readonly GroupSum[]> {
  let turn = await procedure.next();
  try {
    for (let round = 1; !turn.done; round++) {
      const step = turn.value;
      const sums: readonly GroupSum[] = yield step;
      const participants = sums.reduce((all, each) => all + each.participants, 0);
      const figures = { loss: lossIn(step, sums), auc: aucIn(step, sums), bytes: lengthOf(step) * 4 };
      onLine({ round, name: step.name, participants, ...figures });
      turn = await procedure.next(sums);
    }
    return turn.value;
  } finally {
    if (!turn.done) await procedure.return(undefined as never);
  }
}

/** Lines as a table, the newest last. @param epsilonAfter what is spent after so many training rounds */
export function roundsTable(
  lines: readonly RoundLine[],
  epsilonAfter: (line: RoundLine) => number | undefined,
): string {
  const right = "right" as const;
  const columns = [
    { title: "sum", align: right },
    { title: "what for" },
    { title: "participants", align: right },
    { title: "loss", align: right },
    { title: "AUC", align: right },
    { title: "bytes each", align: right },
    { title: "epsilon", align: right },
  ];
  const rows = lines.map((line) => [
    String(line.round),
    line.name,
    line.participants === 0 ? "lost" : String(line.participants),
    line.loss?.toFixed(4) ?? "",
    line.auc?.toFixed(4) ?? "",
    String(line.bytes),
    epsilonAfter(line)?.toFixed(3) ?? "",
  ]);
  return table(columns, rows);
}

/** The mean loss that the parts "loss" and "weight" of a training round say. */
function lossIn({ parts }: Step, sums: readonly GroupSum[]): number | undefined {
  const totalOf = (name: string) => {
    const place = parts.findIndex((part) => part.name === name);
    return place < 0 ? undefined : sums.reduce((all, { parts: values }) => all + (values[place]?.[0] ?? 0), 0);
  };
  const [loss, weight] = [totalOf("loss"), totalOf("weight")];
  return loss === undefined || !weight ? undefined : loss / weight;
}

/** What a measurement's sums say; undefined for other sums, and where they say nothing. */
function aucIn({ name }: Step, sums: readonly GroupSum[]): number | undefined {
  if (name !== "scores") return undefined;
  const { auc } = measuredBy(sums);
  return Number.isNaN(auc) ? undefined : auc;
}
