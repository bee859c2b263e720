import type { Severity } from "../categories.js";
import type { MergedFinding } from "../program/merge-findings.js";
import { type RuleId, ruleOf } from "../rules.js";
import type { SarifLevel, SarifLocation, SarifLog, SarifResult, SarifRule, SarifRun } from "./types.js";

const schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/** Raised when a finding may come out differently for the same file. */
const driver = { name: "aegis-audit", version: "1.0.0", informationUri: "https://dasp.co" };

const levels: { readonly [severity in Severity]: SarifLevel } = {
  high: "error",
  medium: "warning",
  low: "note",
  info: "note",
};
/** On the scale of CVSS, as readers of SARIF expect: from 7 high, from 4 medium, above 0 low. */
const scores: { readonly [severity in Severity]: string } = { high: "8.0", medium: "5.5", low: "3.0", info: "0.0" };

/** What is about the audit itself goes to the invocation's notifications too. */
const notices = new Set<RuleId>(["not-parsed", "not-analysed", "not-compiled", "missing-import"]);

/** The log of one file's audit. `read` is whether the file could be parsed at all. */
export function sarifLog(path: string, findings: readonly MergedFinding[], read: boolean): SarifLog {
  const ids = [...new Set(findings.map(({ ruleId }) => ruleId))].sort();
  const notifications = findings
    .filter(({ ruleId }) => notices.has(ruleId))
    .map((finding) => ({
      level: finding.ruleId === "not-parsed" ? ("error" as const) : ("note" as const),
      message: { text: finding.message },
      locations: [location(path, finding)],
    }));
  return sarifOf({
    tool: { driver: { ...driver, rules: ids.map(sarifRule) } },
    invocations: [{ executionSuccessful: read, toolExecutionNotifications: notifications }],
    artifacts: [{ location: { uri: encodeURI(path) } }],
    results: findings.map((finding) => result(path, finding, ids.indexOf(finding.ruleId))),
    columnKind: "utf16CodeUnits",
  });
}

/** A log with that one run. */
export function sarifOf(run: SarifRun): SarifLog {
  return { $schema: schema, version: "2.1.0", runs: [run] };
}

function sarifRule(id: RuleId): SarifRule {
  const { category, swc, title, severity } = ruleOf(id);
  const swcId = swc === undefined ? undefined : `SWC-${swc}`;
  return {
    id,
    shortDescription: { text: `${title}.` },
    helpUri: swcId ? `https://swcregistry.io/docs/${swcId}` : "https://dasp.co",
    defaultConfiguration: { level: levels[severity] },
    properties: {
      category,
      ...(swcId ? { swc: swcId } : {}),
      "security-severity": scores[severity],
      tags: ["security", category, ...(swcId ? [`external/swc/${swcId}`] : [])],
    },
  };
}

function result(path: string, finding: MergedFinding, ruleIndex: number): SarifResult {
  const { ruleId, severity, message, analysers } = finding;
  return {
    ruleId,
    ruleIndex,
    level: levels[severity],
    message: { text: message },
    locations: [location(path, finding)],
    properties: { severity, "security-severity": scores[severity], tools: analysers },
  };
}

function location(path: string, { region }: MergedFinding): SarifLocation {
  return { physicalLocation: { artifactLocation: { uri: encodeURI(path), index: 0 }, region } };
}
