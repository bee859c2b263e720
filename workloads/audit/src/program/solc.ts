import type { Severity } from "../categories.js";
import { closureOf } from "../imports.js";
import type { AuditInput } from "../input.js";
import type { Finding, Region } from "../finding.js";
import type { RuleId } from "../rules.js";
import { lineStarts, pointAt, regionBetween } from "./region.js";
import { withOpenPragmas } from "./pragma.js";

/** A message of the compiler's standard JSON output. */
interface Diagnostic {
  readonly severity: "error" | "warning" | "info";
  readonly errorCode?: string;
  readonly message: string;
  /** Byte offsets into the UTF-8 text of the source. */
  readonly sourceLocation?: { readonly file: string; readonly start: number; readonly end: number };
}

/** What a warning means here, by the compiler's stable code. */
const meanings: { readonly [errorCode: string]: readonly [RuleId, Severity] } = {
  "9302": ["unchecked-call", "medium"],
  "5878": ["unchecked-call", "medium"],
  "2519": ["shadowed-name", "info"],
  "8760": ["shadowed-name", "info"],
  "5159": ["deprecated-construct", "info"],
  "5740": ["dead-code", "info"],
  "6133": ["dead-code", "low"],
  "2072": ["unused-variable", "info"],
  "3420": ["outdated-compiler", "info"],
};

/** Style, licences and mutability are no matter of an audit. */
const ignored = new Set(["1878", "2018", "5667", "2394", "3628"]);

/** What the compiler says about the audited file; its imports are compiled along, but what it says about them is left out. */
export async function solcFindings(input: AuditInput): Promise<Finding[]> {
  compiler ??= load();
  const { compile, version } = await compiler;
  const locate = locator(input.sources[input.path] ?? "");
  return compile(input).flatMap((diagnostic) => {
    const { severity: level, errorCode = "", message, sourceLocation } = diagnostic;
    if (level === "error") return [notCompiled(version, diagnostic, input.path, locate)];
    if (ignored.has(errorCode) || (sourceLocation && sourceLocation.file !== input.path)) return [];
    const [ruleId, severity] = meanings[errorCode] ?? (["compiler-warning", "info"] as const);
    return [{ ruleId, severity, message, region: locate(diagnostic), analyser: "solc" }];
  });
}

/** An error anywhere in the closure ends the compiler's work; one in an import is reported at the top, with its place. */
function notCompiled(
  version: string,
  diagnostic: Diagnostic,
  path: string,
  locate: (at: Diagnostic) => Region,
): Finding {
  const { message, sourceLocation } = diagnostic;
  const isHere = !sourceLocation || sourceLocation.file === path;
  const where = isHere ? "" : ` (in "${sourceLocation.file}")`;
  const text = `solc ${version} does not compile this file, so its own checks are missing: ${message}${where}`;
  const region = isHere ? locate(diagnostic) : pointAt(1, 1);
  return { ruleId: "not-compiled", severity: "info", message: text, region, analyser: "solc" };
}

/** The compiler of this program. */
interface Compiler {
  /** Its version without its commit. */
  readonly version: string;
  readonly compile: (input: AuditInput) => Diagnostic[];
}

let compiler: Promise<Compiler> | undefined;

/** Unpacks and instantiates the compiler: most of a first task's time, so that it is kept. */
async function load(): Promise<Compiler> {
  const soljson = await import("solc/soljson.js");
  const bind = <F>(name: string, result: string | null, parameters: string[]) =>
    soljson.cwrap(name, result, parameters, undefined) as F;
  const run = bind<(input: string, callback: number, context: number) => string>("solidity_compile", "string", [
    "string",
    "number",
    "number",
  ]);
  const reset = bind<() => void>("solidity_reset", null, []);
  const version = bind<() => string>("solidity_version", "string", []);
  const compile = (input: AuditInput): Diagnostic[] => {
    const answer = JSON.parse(run(JSON.stringify(request(input)), 0, 0)) as { errors?: Diagnostic[] };
    reset();
    return answer.errors ?? [];
  };
  return { version: version().split("+")[0] ?? "", compile };
}

/** Nothing is selected for output: the compiler then analyses without generating code. */
function request(input: AuditInput): object {
  const { reached } = closureOf(input.path, input.sources);
  const sources = Object.fromEntries(
    reached.map((name) => [name, { content: withOpenPragmas(input.sources[name] ?? "") }]),
  );
  return { language: "Solidity", sources, settings: { outputSelection: {} } };
}

function locator(source: string): (diagnostic: Diagnostic) => Region {
  // The compiler counts bytes: the same as characters in nearly every contract, and else in its UTF-8 form.
  const bytes = new TextEncoder().encode(source);
  const starts = lineStarts(source);
  const charactersBefore = (offset: number): number =>
    bytes.length === source.length ? offset : new TextDecoder().decode(bytes.subarray(0, offset)).length;
  return ({ sourceLocation }) => {
    if (!sourceLocation || sourceLocation.start < 0) return pointAt(1, 1);
    return regionBetween(starts, charactersBefore(sourceLocation.start), charactersBefore(sourceLocation.end));
  };
}
