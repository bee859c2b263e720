/**
 * Writes dist/program.js: the audit as one ES module for the pool's `js` engine. Does nothing where the file is newer than
 * everything it is made of. `npm run bundle`, and the tests, call it.
 */
import { existsSync, readdirSync, statSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..");
/** The parser's build for browsers, which reaches for no file system. */
const parserPath = join(dirname(require.resolve("@solidity-parser/parser")), "index.umd.js");
const output = join(root, "dist", "program.js");

/** What a realm without Node.js or a page lacks: naming them `undefined` keeps the bundled libraries from probing. */
const absent = ["process", "window", "document", "importScripts", "__dirname", "__filename"];

/** Builds the program where it is missing or out of date; answers its path. */
export async function bundleProgram() {
  if (isUpToDate()) return output;
  const scratch = `${output}.${process.pid}.tmp`;
  await mkdir(dirname(output), { recursive: true });
  await build({
    entryPoints: [join(root, "src", "program", "main.ts")],
    outfile: scratch,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["import"],
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
    define: Object.fromEntries(absent.map((name) => [name, "undefined"])),
    plugins: [replaced(), patched()],
  });
  await rename(scratch, output);
  return output;
}

/**
 * solhint checks its own configuration with ajv and warns in colour; we configure it in code, so that none of it is needed.
 * soljson asks for files under Node.js only.
 */
function replaced() {
  const stub = join(here, "unneeded.cjs");
  return {
    name: "leave-out-what-is-not-needed",
    setup(context) {
      context.onResolve({ filter: /^(ajv|better-ajv-errors|chalk|fs|path)$/ }, () => ({ path: stub }));
    },
  };
}

/** The two libraries that need a change to run here, each stated beside its reason. A change that no longer fits fails the build. */
function patched() {
  return {
    name: "patch-for-the-realm",
    setup(context) {
      context.onResolve({ filter: /^@solidity-parser\/parser$/ }, () => ({ path: parserPath }));
      context.onLoad({ filter: /[\\/]soljson\.js$/ }, async ({ path }) => ({ contents: await compilerSource(path) }));
      context.onLoad({ filter: /[\\/]index\.umd\.js$/ }, async ({ path }) => ({ contents: await parserSource(path) }));
    },
  };
}

/** soljson exports itself under Node.js only. */
async function compilerSource(path) {
  return `${await readFile(path, "utf8")}\nmodule.exports = Module;\n`;
}

/**
 * ANTLR repeats an ambiguous prediction with the full context each time. For these rules that never changed a prediction
 * (0 of 24,000 over OpenZeppelin and SmartBugs Curated) and took 80% of the parsing time. `parse.ts` leaves it out by
 * `skipFullContext`, and parses once more with it where a file is refused.
 */
async function parserSource(path) {
  const rules = ["primaryExpression", "typeName", "modifierList", "ifStatement", "assemblyIdentifierOrList"];
  const condition = "n3.requiresFullContext && this.predictionMode !== te.SLL";
  const source = await readFile(path, "utf8");
  if (source.split(condition).length !== 2)
    throw new Error(`the parser has changed: no single "${condition}" in ${path}`);
  const skip = `skipFullContext && contextFree.includes(this.parser.ruleNames[e3.atnStartState.ruleIndex])`;
  return [
    `let skipFullContext = false;`,
    `const contextFree = ${JSON.stringify(rules)};`,
    source.replace(condition, `${condition} && !(${skip})`),
    `module.exports.skipFullContext = (on) => { skipFullContext = on; };`,
  ].join("\n");
}

function isUpToDate() {
  if (!existsSync(output)) return false;
  const builtMs = statSync(output).mtimeMs;
  const inputs = [
    ...readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
    fileURLToPath(import.meta.url),
    join(here, "unneeded.cjs"),
    join(root, "package.json"),
    require.resolve("solc/soljson.js"),
    parserPath,
    require.resolve("solhint"),
  ];
  return inputs.every((path) => statSync(path).mtimeMs <= builtMs);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await bundleProgram();
}
