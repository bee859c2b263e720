import { createHash } from "node:crypto";
import { severities } from "../categories.js";
import { sarifOf } from "./log.js";
import { lineOf, severityOf, uriOf } from "./read.js";
import type { SarifInvocation, SarifLocation, SarifLog, SarifResult, SarifRule } from "./types.js";

/** A result with the rule that its index pointed at. */
interface Entry {
  readonly result: SarifResult;
  readonly rule: SarifRule | undefined;
}

/**
 * One log of many files' logs: rules, files and results in an order that does not depend on the order of `reports`, each result
 * with a fingerprint that survives changes elsewhere in the file. The same file audited twice counts once.
 */
export function mergeReports(reports: readonly SarifLog[]): SarifLog {
  const runs = reports.flatMap((report) => report.runs);
  const entries = unique(
    runs.flatMap(({ results, tool }) =>
      results.map((result) => ({ result, rule: tool.driver.rules[result.ruleIndex] })),
    ),
  );
  const rules = new Map(entries.flatMap(({ rule }) => (rule ? [[rule.id, rule] as const] : [])));
  const ids = [...rules.keys()].sort();
  const uris = [...new Set(runs.flatMap(({ artifacts }) => artifacts.map(({ location }) => location.uri)))].sort();
  const driver = runs[0]?.tool.driver ?? { name: "aegis-audit", version: "1.0.0", informationUri: "https://dasp.co" };
  return sarifOf({
    tool: { driver: { ...driver, rules: ids.flatMap((id) => rules.get(id) ?? []) } },
    invocations: [
      invocationOf(
        runs.flatMap(({ invocations }) => invocations),
        uris,
      ),
    ],
    artifacts: uris.map((uri) => ({ location: { uri } })),
    results: fingerprinted(entries.map(({ result }) => reindexed(result, ids, uris))),
    columnKind: "utf16CodeUnits",
  });
}

function unique(entries: readonly Entry[]): Entry[] {
  const byPlace = new Map(entries.map((entry) => [placeOf(entry.result), entry]));
  return [...byPlace.values()].sort((one, other) => inOrder(one.result, other.result));
}

function placeOf({ ruleId, locations, message }: SarifResult): string {
  const place = locations[0]?.physicalLocation;
  return JSON.stringify([
    place?.artifactLocation.uri,
    place?.region.startLine,
    place?.region.startColumn,
    ruleId,
    message.text,
  ]);
}

/** By file, line, severity and rule. */
function inOrder(one: SarifResult, other: SarifResult): number {
  return (
    compare(uriOf(one), uriOf(other)) ||
    lineOf(one) - lineOf(other) ||
    severities.indexOf(severityOf(one)) - severities.indexOf(severityOf(other)) ||
    compare(placeOf(one), placeOf(other))
  );
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function reindexed(result: SarifResult, ids: readonly string[], uris: readonly string[]): SarifResult {
  return {
    ...result,
    ruleIndex: ids.indexOf(result.ruleId),
    locations: result.locations.map((location) => relocated(location, uris)),
  };
}

function relocated({ physicalLocation }: SarifLocation, uris: readonly string[]): SarifLocation {
  const { uri } = physicalLocation.artifactLocation;
  return { physicalLocation: { ...physicalLocation, artifactLocation: { uri, index: uris.indexOf(uri) } } };
}

/** The rule, the file and the message, and which of the same it is: lines may move. */
function fingerprinted(results: readonly SarifResult[]): SarifResult[] {
  const counts = new Map<string, number>();
  return results.map((result) => {
    const identity = JSON.stringify([result.ruleId, uriOf(result), result.message.text]);
    const count = counts.get(identity) ?? 0;
    counts.set(identity, count + 1);
    const hash = createHash("sha256").update(`${identity} ${count}`).digest("hex").slice(0, 32);
    return { ...result, partialFingerprints: { "aegisAudit/v1": hash } };
  });
}

function invocationOf(invocations: readonly SarifInvocation[], uris: readonly string[]): SarifInvocation {
  const notifications = invocations.flatMap(({ toolExecutionNotifications }) => toolExecutionNotifications);
  const placed = notifications.map((notification) => ({
    ...notification,
    locations: notification.locations.map((location) => relocated(location, uris)),
  }));
  return {
    executionSuccessful: invocations.every(({ executionSuccessful }) => executionSuccessful),
    toolExecutionNotifications: placed.sort((one, other) =>
      compare(JSON.stringify(one.locations), JSON.stringify(other.locations)),
    ),
  };
}
