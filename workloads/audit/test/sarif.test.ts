import { beforeAll, describe, expect, it } from "vitest";
import { daspCategories, findingsTable, mergeReports, type SarifLog, severities, summary } from "../src/index.js";
import { alone, loadProgram, sampleContracts } from "./program.js";
import { sarifProblems } from "./sarif-rules.js";

let logs: SarifLog[] = [];
beforeAll(async () => {
  const audit = await loadProgram();
  const samples = await sampleContracts("");
  for (const { name, source } of samples) logs = [...logs, await audit(alone(source, name))];
});

describe("a report", () => {
  it("keeps the rules of SARIF 2.1.0, alone and merged", () => {
    for (const log of [...logs, mergeReports(logs)]) expect(sarifProblems(log)).toEqual([]);
  });

  it("is refused by those rules where it breaks one", () => {
    const text = JSON.stringify(logs[0]);
    for (const [right, wrong] of [
      ['"level":"error","message"', '"level":"fatal","message"'],
      ['"ruleIndex":0', '"ruleIndex":99'],
      ['"version":"2.1.0"', '"version":"2.0.0"'],
    ] as const) {
      expect(text).toContain(right);
      expect(sarifProblems(JSON.parse(text.replace(right, wrong)) as SarifLog)).toHaveLength(1);
    }
  });

  it("survives JSON", () => {
    expect(JSON.parse(JSON.stringify(logs))).toEqual(logs);
  });
});

describe("a merged report", () => {
  it("does not depend on the order of the reports, and counts a file given twice once", () => {
    const merged = mergeReports(logs);
    expect(mergeReports(logs.toReversed())).toEqual(merged);
    expect(mergeReports([...logs, ...logs])).toEqual(merged);
    expect(mergeReports([merged])).toEqual(merged);
  });

  it("gives every finding a fingerprint of its own, which stays when lines move", () => {
    const moved = JSON.parse(
      JSON.stringify(logs).replaceAll(
        /"(start|end)Line":(\d+)/g,
        (_, which: string, line: string) => `"${which}Line":${Number(line) + 7}`,
      ),
    ) as SarifLog[];
    const all = fingerprints(mergeReports(logs));
    expect(new Set(all).size).toBe(all.length);
    expect(fingerprints(mergeReports(moved))).toEqual(all);
  });

  it("names every file audited, also those without findings", async () => {
    const audit = await loadProgram();
    const empty = await audit(alone("pragma solidity ^0.8.20;\ncontract Empty {}", "Empty.sol"));
    const artifacts = mergeReports([...logs, empty]).runs[0]?.artifacts.map(({ location }) => location.uri);
    expect(artifacts).toContain("Empty.sol");
    expect(artifacts).toEqual([...(artifacts ?? [])].sort());
  });

  it("of nothing is an empty report", () => {
    expect(summary(mergeReports([]))).toMatchObject({ files: 0, findings: 0 });
    expect(sarifProblems(mergeReports([]))).toEqual([]);
  });
});

describe("the table and the summary", () => {
  it("list every finding, the worst first", () => {
    const merged = mergeReports(logs);
    const rows = findingsTable(merged);
    expect(rows).toHaveLength(merged.runs[0]?.results.length ?? 0);
    const ranks = rows.map(({ severity }) => severities.indexOf(severity));
    expect(ranks).toEqual([...ranks].sort((one, other) => one - other));
    expect(rows[0]).toMatchObject({ severity: "high", file: "access-control.sol", category: "access-control" });
  });

  it("count them by severity and by category", () => {
    const rows = findingsTable(mergeReports(logs));
    const counted = summary(mergeReports(logs));
    expect(counted.findings).toBe(rows.length);
    expect(Object.values(counted.bySeverity).reduce((sum, count) => sum + count)).toBe(rows.length);
    for (const category of daspCategories) {
      expect(counted.byCategory[category]).toBe(rows.filter((row) => row.category === category).length);
      expect(counted.byCategory[category]).toBeGreaterThan(0);
    }
  });
});

function fingerprints(log: SarifLog): (string | undefined)[] {
  return log.runs.flatMap(({ results }) =>
    results.map(({ partialFingerprints }) => partialFingerprints?.["aegisAudit/v1"]),
  );
}
