import type { SarifLog, SarifRun } from "../src/sarif/types.js";

/**
 * What in `log` breaks a rule of SARIF 2.1.0 that can be checked by hand; the section of the standard stands with each. The
 * official schema is in no package that this repository depends on.
 */
export function sarifProblems(log: SarifLog): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, rule: string) => {
    if (!holds) problems.push(rule);
  };
  must(log.version === "2.1.0", "3.13.2 version is 2.1.0");
  must(URL.canParse(log.$schema), "3.13.3 $schema is a URI");
  for (const run of log.runs) {
    must(run.tool.driver.name !== "", "3.19.8 the driver has a name");
    const ids = run.tool.driver.rules.map(({ id }) => id);
    must(new Set(ids).size === ids.length, "3.19.23 rules are unique");
    for (const rule of run.tool.driver.rules) must(URL.canParse(rule.helpUri), "3.49.12 helpUri is a URI");
    for (const { executionSuccessful } of run.invocations)
      must(typeof executionSuccessful === "boolean", "3.20.14 success is said");
    checkResults(run, must);
  }
  return problems;
}

function checkResults(run: SarifRun, must: (holds: boolean, rule: string) => void): void {
  for (const result of run.results) {
    must(run.tool.driver.rules[result.ruleIndex]?.id === result.ruleId, "3.27.6 ruleIndex points at ruleId");
    must(["none", "note", "warning", "error"].includes(result.level), "3.27.10 level is one of four");
    must(result.message.text !== "", "3.11.8 a message has a text");
    for (const { physicalLocation } of result.locations) {
      const { artifactLocation, region } = physicalLocation;
      must(
        run.artifacts[artifactLocation.index]?.location.uri === artifactLocation.uri,
        "3.4.5 index points at the artifact",
      );
      must(
        !artifactLocation.uri.includes(" ") && !artifactLocation.uri.startsWith("/"),
        "3.4.3 uri is relative and encoded",
      );
      must(region.startLine >= 1 && region.startColumn >= 1, "3.30.5 lines and columns count from 1");
      const isForward =
        region.endLine > region.startLine ||
        (region.endLine === region.startLine && region.endColumn >= region.startColumn);
      must(isForward, "3.30.7 the end is not before the start");
    }
    const score = Number(result.properties["security-severity"]);
    must(score >= 0 && score <= 10, "security-severity is a score from 0 to 10");
  }
}
