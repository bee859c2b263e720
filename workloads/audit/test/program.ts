import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleProgram } from "../scripts/bundle.mjs";
import type { AuditInput } from "../src/input.js";
import type { SarifLog } from "../src/sarif/types.js";

/** The bundled program, run by Node.js where the realm is not what is tested. */
export async function loadProgram(): Promise<(input: AuditInput) => Promise<SarifLog>> {
  const { default: audit } = (await import(pathToFileURL(await bundleProgram()).href)) as {
    default: (input: AuditInput) => Promise<SarifLog>;
  };
  return audit;
}

/** A finding as the tests compare it. */
export interface Found {
  readonly line: number;
  /** The category and the rule, as in the contracts' `// expect:` comments. */
  readonly issue: string;
  readonly severity: string;
  readonly tools: readonly string[];
  readonly message: string;
}

export function foundIn(log: SarifLog): Found[] {
  return log.runs.flatMap(({ results, tool }) =>
    results.map((result) => ({
      line: result.locations[0]?.physicalLocation.region.startLine ?? 0,
      issue: `${tool.driver.rules[result.ruleIndex]?.properties.category}/${result.ruleId}`,
      severity: result.properties.severity,
      tools: result.properties.tools,
      message: result.message.text,
    })),
  );
}

const folder = fileURLToPath(new URL("../contracts/", import.meta.url));

/** The contracts of `folder` inside contracts/, by name. */
export async function sampleContracts(below: string): Promise<{ name: string; source: string }[]> {
  const names = (await readdir(`${folder}${below}`)).filter((name) => name.endsWith(".sol")).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: `${below}${name}`,
      source: await readFile(`${folder}${below}${name}`, "utf8"),
    })),
  );
}

/** What the `// expect: category/rule` comments of a contract announce. */
export function expectedIn(source: string): { line: number; issue: string }[] {
  return source
    .split("\n")
    .flatMap((text, i) =>
      [...text.matchAll(/\/\/ expect: ([\w/-]+)/g)].map((match) => ({ line: i + 1, issue: match[1] ?? "" })),
    );
}

/** The input for one source alone. */
export function alone(source: string, path = "contract.sol"): AuditInput {
  return { path, sources: { [path]: source } };
}
