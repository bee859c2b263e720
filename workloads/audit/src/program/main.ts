/**
 * The program of an audit task, for the pool's `js` engine: one contract file with its imports in, one SARIF log out.
 * The realm it runs in has no Node.js, no files and no network.
 */
import type { Hit } from "../detectors/detector.js";
import { detectors } from "../detectors/index.js";
import type { Finding } from "../finding.js";
import { closureOf } from "../imports.js";
import type { AuditInput } from "../input.js";
import { findAll } from "../model/walk.js";
import { ruleOf } from "../rules.js";
import { sarifLog } from "../sarif/log.js";
import type { SarifLog } from "../sarif/types.js";
import { mergeFindings } from "./merge-findings.js";
import { parse, type Refusal } from "./parse.js";
import { pointAt, regionOf } from "./region.js";
import { solcFindings } from "./solc.js";
import { solhintFindings } from "./solhint.js";
import { type Unit, unitOf } from "./unit.js";

/** The findings in `input`'s file as SARIF. Never throws over what is in the file: what cannot be read is a finding too. */
export default async function audit(input: AuditInput): Promise<SarifLog> {
  const source = input.sources[input.path];
  if (source === undefined) throw new TypeError(`"sources" has no "${input.path}", which "path" names`);
  const parsed = parse(source);
  const compiled = await solcFindings(input);
  const findings = [...importFindings(input), ...compiled];
  if ("unit" in parsed) {
    const unit = unitOf(input, parsed.unit);
    findings.push(...solhintFindings(unit), ...ownFindings(unit));
  } else findings.push(notParsed(parsed.refused, compiled));
  return sarifLog(input.path, mergeFindings(findings), "unit" in parsed);
}

/** Where the parser cannot say where it stopped, the compiler can. */
function notParsed({ message, at }: Refusal, compiled: readonly Finding[]): Finding {
  const compilersPlace = compiled.find(({ ruleId }) => ruleId === "not-compiled")?.region;
  const region = at ? pointAt(at.line, at.column) : (compilersPlace ?? pointAt(1, 1));
  return { ...own("not-parsed"), message: `This file was not audited: ${message}.`, region };
}

function ownFindings(unit: Unit): Finding[] {
  return detectors.flatMap((detector) => {
    try {
      return [...detector.find(unit)].map((hit) => findingOf(detector.ruleId, hit));
    } catch (error) {
      // A file made to overflow one detector must not hide what the others find.
      const message = `The detector "${detector.ruleId}" failed on this file: ${String(error)}`;
      return [{ ...own("not-analysed"), message, region: pointAt(1, 1) }];
    }
  });
}

function findingOf(ruleId: Finding["ruleId"], { node, message, severity }: Hit): Finding {
  return { ...own(ruleId), ...(severity ? { severity } : {}), message, region: regionOf(node) };
}

function importFindings(input: AuditInput): Finding[] {
  return closureOf(input.path, input.sources).missing.map(({ name, importer }) => ({
    ...own("missing-import"),
    message: `"${name}", imported by "${importer}", was not given; what it defines is unknown to the audit.`,
    region: importer === input.path ? importRegion(input, name) : pointAt(1, 1),
  }));
}

function importRegion(input: AuditInput, name: string) {
  const parsed = parse(input.sources[input.path] ?? "");
  const directives = "unit" in parsed ? findAll(parsed.unit, "ImportDirective") : [];
  const directive = directives.find(({ path }) => name.endsWith(path.replace(/^[./]+/, "")));
  return directive ? regionOf(directive) : pointAt(1, 1);
}

function own(ruleId: Finding["ruleId"]): Pick<Finding, "ruleId" | "severity" | "analyser"> {
  return { ruleId, severity: ruleOf(ruleId).severity, analyser: "aegis" };
}
