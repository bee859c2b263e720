import { type DaspCategory, daspCategories, severities, type Severity } from "../categories.js";
import type { SarifLog, SarifResult, SarifRule } from "./types.js";

/** One finding as a line of a table. */
export interface FindingRow {
  readonly severity: Severity;
  readonly category: DaspCategory;
  /** Such as "SWC-107"; empty where there is none. */
  readonly swc: string;
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** How many findings there are, of each severity and of each category. */
export interface AuditSummary {
  readonly files: number;
  readonly findings: number;
  readonly bySeverity: { readonly [severity in Severity]: number };
  readonly byCategory: { readonly [category in DaspCategory]: number };
}

/** The findings of a log as rows: the worst first, then by file and line. */
export function findingsTable(log: SarifLog): FindingRow[] {
  const rows = log.runs.flatMap(({ results, tool }) =>
    results.map((result) => rowOf(result, tool.driver.rules[result.ruleIndex])),
  );
  return rows.sort(
    (one, other) =>
      severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
      (one.file === other.file ? one.line - other.line : one.file < other.file ? -1 : 1),
  );
}

/** The counts of a log. */
export function summary(log: SarifLog): AuditSummary {
  const rows = findingsTable(log);
  const count = <K extends string>(keys: readonly K[], keyOf: (row: FindingRow) => K) =>
    Object.fromEntries(keys.map((key) => [key, rows.filter((row) => keyOf(row) === key).length])) as {
      [key in K]: number;
    };
  return {
    files: new Set(log.runs.flatMap(({ artifacts }) => artifacts.map(({ location }) => location.uri))).size,
    findings: rows.length,
    bySeverity: count(severities, ({ severity }) => severity),
    byCategory: count(daspCategories, ({ category }) => category),
  };
}

function rowOf(result: SarifResult, rule: SarifRule | undefined): FindingRow {
  return {
    severity: severityOf(result),
    category: daspCategories.find((category) => category === rule?.properties.category) ?? "unknown-unknowns",
    swc: rule?.properties.swc ?? "",
    file: decodeURI(uriOf(result)),
    line: lineOf(result),
    message: result.message.text,
  };
}

/** How bad a result is; a log that does not say so is taken as information. */
export function severityOf({ properties }: SarifResult): Severity {
  return severities.find((severity) => severity === properties.severity) ?? "info";
}

/** The file that a result is about, as a URI. */
export function uriOf({ locations }: SarifResult): string {
  return locations[0]?.physicalLocation.artifactLocation.uri ?? "";
}

/** The line that a result starts at. */
export function lineOf({ locations }: SarifResult): number {
  return locations[0]?.physicalLocation.region.startLine ?? 1;
}
