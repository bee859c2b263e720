import { findingsTable, type SarifLog, summary } from "@aegis-pool/workload-audit";
import { table } from "./table.js";

/** Findings that are worth reading first: high and medium; notes are counted. */
export function findingsText(sarif: SarifLog, most: number): string {
  const rows = findingsTable(sarif).filter(({ severity }) => severity === "high" || severity === "medium");
  const shown = rows.slice(0, most).map(({ severity, category, swc, file, line, message }) => {
    return [severity, category, swc, `${file}:${line}`, message];
  });
  const columns = [
    { title: "severity" },
    { title: "category" },
    { title: "SWC" },
    { title: "where", maxWidth: 52 },
    { title: "what", maxWidth: Math.max(40, (process.stderr.columns ?? 150) - 82) },
  ];
  const { bySeverity, files } = summary(sarif);
  const counts = Object.entries(bySeverity).map(([severity, count]) => `${count} ${severity}`);
  const rest = rows.length > most ? `\n... and ${rows.length - most} more in the report` : "";
  return `${rows.length > 0 ? `${table(columns, shown)}${rest}\n` : ""}${files} files: ${counts.join(", ")}`;
}
