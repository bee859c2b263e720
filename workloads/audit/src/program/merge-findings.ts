import { type Severity, severities, worse } from "../categories.js";
import { analysers, type Analyser, type Finding } from "../finding.js";

/** One issue at one line, with everyone who found it. */
export interface MergedFinding extends Omit<Finding, "analyser"> {
  readonly analysers: readonly Analyser[];
}

/** Findings of one rule at one line become one, in the order of the text. */
export function mergeFindings(findings: readonly Finding[]): MergedFinding[] {
  const byPlace = new Map<string, Finding[]>();
  for (const finding of findings) {
    const place = `${finding.region.startLine} ${finding.ruleId}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), finding]);
  }
  return [...byPlace.values()].map(merged).sort(inOrderOfText);
}

/** An own detector weighs what it finds, so that its word and severity go first; otherwise the worst counts. */
function merged(findings: readonly Finding[]): MergedFinding {
  const ours = findings.filter(({ analyser }) => analyser === "aegis");
  const [first] = [...ours, ...findings];
  if (!first) throw new RangeError("a group has at least one finding");
  const severity = (ours.length > 0 ? ours : findings)
    .map((finding) => finding.severity)
    .reduce<Severity>(worse, "info");
  const { ruleId, message, region } = first;
  const found = analysers.filter((name) => findings.some(({ analyser }) => analyser === name));
  return { ruleId, message, region, severity, analysers: found };
}

function inOrderOfText(one: MergedFinding, other: MergedFinding): number {
  return (
    one.region.startLine - other.region.startLine ||
    severities.indexOf(one.severity) - severities.indexOf(other.severity) ||
    (one.ruleId < other.ruleId ? -1 : 1)
  );
}
