export { daspCategories, severities, type DaspCategory, type Severity } from "./categories.js";
export { collectContracts } from "./collect/collect.js";
export type { AuditInput } from "./input.js";
export { auditProgramPath, loadAuditProgram } from "./program-file.js";
export { mergeReports } from "./sarif/merge.js";
export { findingsTable, summary, type AuditSummary, type FindingRow } from "./sarif/read.js";
export type { SarifLog, SarifResult, SarifRun } from "./sarif/types.js";
