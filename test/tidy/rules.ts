import { posix } from "node:path";
import {
  isCallExpression,
  isFunctionLikeDeclaration,
  isNewExpression,
  isPropertyAccessExpression,
} from "typescript/unstable/ast/is";
import { lineOf, nodesOf, type Source } from "./sources.js";

/** What breaks a rule: where, and what to do about it. */
export type Complaint = `${string}:${number}: ${string}`;
/** One rule of the house, over one file. */
export type Rule = (source: Source) => Complaint[];

/** Which of our packages each part may import, besides itself. See ARCHITECTURE.md. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/platform": ["core"],
  "packages/chain": ["core", "platform"],
  "packages/sdk": ["core", "platform"],
  "packages/pool": ["core", "platform", "chain"],
  "packages/agent": ["core", "platform"],
  "packages/dashboard": ["core", "platform", "sdk"],
  "packages/cli": [
    "core",
    "platform",
    "chain",
    "sdk",
    "plans",
    "pool",
    "agent",
    "dashboard",
    "contracts", // the demo's chain
    "simulator",
    "workload-audit",
    "workload-canary",
    "workload-credit",
  ],
  "packages/simulator": ["core"],
  "packages/plans": ["core", "platform", "sdk", "workload-credit"],
  "packages/web": ["core", "sdk", "plans"],
  workloads: ["core"],
  contracts: ["chain"],
  bench: [
    "core",
    "platform",
    "chain",
    "sdk",
    "pool",
    "agent",
    "cli",
    "dashboard",
    "simulator",
    "contracts",
    "workload-audit",
    "workload-canary",
    "workload-credit",
  ],
};

/** All that core may import from outside: a codec and a schema library, both without any platform. */
const coreLibraries = /^(cborg|typebox)(\/|$)/;
const scope = "@aegis-pool/";
const maxFileLines = 300;
const maxFunctionLines = 60;

const partOf = (path: string): string | undefined =>
  /^(packages\/[^/]+|workloads|contracts|bench)(?=\/)/.exec(path)?.[0];
/** The folder of the package that a file belongs to. */
const packageOf = (path: string): string => /^((packages|workloads)\/[^/]+|[^/]+)/.exec(path)?.[0] ?? "";
const isShipped = (path: string): boolean => /^((packages|workloads)\/[^/]+|contracts|bench)\/src\//.test(path);

interface Import {
  readonly line: number;
  readonly specifier: string;
}

function importsOf(source: Source): Import[] {
  return source.syntax.imports.map((node) => ({
    line: lineOf(source, node),
    specifier: node.getText(source.syntax).slice(1, -1),
  }));
}

/** Parts import each other in the stated directions only. */
export const importDirections: Rule = (source) => {
  if (!isShipped(source.path)) return [];
  const allowed = mayImport[partOf(source.path) ?? ""];
  if (!allowed)
    return [`${source.path}:1: this part is unknown: say in test/tidy/rules.ts which packages it may import`];
  return importsOf(source)
    .filter(({ specifier }) => specifier.startsWith(scope))
    .filter(({ specifier }) => !allowed.includes(specifier.slice(scope.length).split("/")[0] ?? ""))
    .map(({ line, specifier }): Complaint => {
      const choice = allowed.length === 0 ? "no other package" : allowed.join(", ");
      return `${source.path}:${line}: imports ${specifier}, but may import ${choice} only: move what it needs there`;
    });
};

/** Core imports no platform: what it needs of one is passed in. */
export const coreIsPure: Rule = (source) => {
  if (!source.path.startsWith("packages/core/src/")) return [];
  return importsOf(source)
    .filter(({ specifier }) => !specifier.startsWith(".") && !coreLibraries.test(specifier))
    .map(
      ({ line, specifier }): Complaint =>
        `${source.path}:${line}: core imports ${specifier}: pass what it offers in, as Primitives are`,
    );
};

/** A package is entered by its index alone, and no relative path leaves it; tests share the fixtures in `test/`, which know all parts. */
export const narrowDoors: Rule = (source) => {
  const home = packageOf(source.path);
  return importsOf(source).flatMap(({ line, specifier }): Complaint[] => {
    const target = posix.join(posix.dirname(source.path), specifier);
    const isShared = !isShipped(source.path) && (home === "test" || target.startsWith("test/fixtures/"));
    if (specifier.startsWith(".") && !`${target}/`.startsWith(`${home}/`) && !isShared) {
      return [`${source.path}:${line}: ${specifier} leaves ${home}: import the package by its name`];
    }
    if (specifier.startsWith(scope) && specifier.split("/").length > 2) {
      return [`${source.path}:${line}: ${specifier} reaches into a package: export it from its index.ts`];
    }
    return [];
  });
};

/** Keys are exported as DER: thousands of exports as JSON Web Keys in one turn of the event loop are a deadlock of Node.js 20. */
export const noKeysAsJwk: Rule = ({ path, text }) => {
  if (!isShipped(path)) return [];
  return text.split("\n").flatMap((line, index): Complaint[] => {
    if (!/\.export\(\{ *format: "jwk"/.test(line)) return [];
    return [`${path}:${index + 1}: exports a key as a JSON Web Key, which may never end: export it as DER`];
  });
};

/** Files are read in one sitting. */
export const fileLength: Rule = ({ path, text }) => {
  const lines = text.replace(/\n$/, "").split("\n").length;
  if (!isShipped(path) || lines <= maxFileLines) return [];
  return [`${path}:${lines}: the file has ${lines} lines, more than ${maxFileLines}: split it by what its parts do`];
};

/** Functions do one thing at one level. */
export const functionLength: Rule = (source) => {
  if (!isShipped(source.path)) return [];
  const { path, syntax } = source;
  return [...nodesOf(syntax)].filter(isFunctionLikeDeclaration).flatMap((node): Complaint[] => {
    const line = lineOf(source, node);
    const lines = syntax.getLineAndCharacterOfPosition(node.end).line + 2 - line;
    if (lines <= maxFunctionLines) return [];
    return [`${path}:${line}: the function has ${lines} lines, more than ${maxFunctionLines}: give its steps names`];
  });
};

/** A name says what is in a file. */
export const tellingNames: Rule = ({ path }) => {
  const vague = path.split("/").find((part) => /(^|[-_.])(util|helper|manager)s?([-_.]|$)/i.test(part));
  return vague ? [`${path}:1: "${vague}" says nothing of what is in it: name it after what it does`] : [];
};

const clocksAndChance = new Set(["Math.random", "Date.now", "performance.now", "crypto.getRandomValues", "new Date()"]);
const timersAndNetwork = new Set(["Date", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "fetch"]);

/** Core reads no clock, no randomness and no timer. */
export const coreIsDeterministic: Rule = (source) => {
  const { path, syntax } = source;
  if (!path.startsWith("packages/core/src/")) return [];
  return [...nodesOf(syntax)].flatMap((node): Complaint[] => {
    const text = isPropertyAccessExpression(node) || isNewExpression(node) ? node.getText(syntax) : "";
    const called = isCallExpression(node) ? node.expression.getText(syntax) : "";
    if (!clocksAndChance.has(text) && !timersAndNetwork.has(called)) return [];
    return [`${path}:${lineOf(source, node)}: core reads ${text || called}: pass time and randomness in as values`];
  });
};

/** What is left to do is an issue, not a comment. */
export const nothingLeftToDo: Rule = ({ path, text }) =>
  text.split("\n").flatMap((line, index): Complaint[] => {
    const note = /\b(TO[D]O|FIX[M]E)\b/.exec(line)?.[0];
    return note ? [`${path}:${index + 1}: ${note}: do it now or open an issue`] : [];
  });

/** Every code has its page and every page its code; `pages` holds each page's text by its name. */
export function errorPages(codes: readonly string[], pages: Readonly<Record<string, string>>): Complaint[] {
  const missing = codes
    .filter((code) => !Object.hasOwn(pages, code))
    .map((code): Complaint => `docs/errors/${code}.md:1: the code has no page: say what it means, why, and what to do`);
  const stray = Object.keys(pages)
    .filter((page) => !codes.includes(page))
    .map(
      (page): Complaint => `docs/errors/${page}.md:1: no such code in error-codes.ts: add the code or remove the page`,
    );
  const untitled = Object.entries(pages)
    .filter(([page, text]) => !text.startsWith(`# ${page}\n`) || !text.includes("\n## What to do\n"))
    .map(([page]): Complaint => `docs/errors/${page}.md:1: start with "# ${page}" and end with "## What to do"`);
  return [...missing, ...stray, ...untitled];
}
