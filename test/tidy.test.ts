import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { errorStatuses } from "@aegis-pool/core";
import { describe, expect, it } from "vitest";
import * as rules from "./tidy/rules.js";
import { readSources, root, withSources } from "./tidy/sources.js";

const { errorPages, ...fileRules } = rules;
const named = Object.entries<rules.Rule>(fileRules);
const complaints = withSources(readSources(), (sources) =>
  named.map(([name, rule]) => [name, sources.flatMap((source) => rule(source))] as const),
);

/** What `rule` says about a file with this text. */
function says(rule: rules.Rule, path: string, text: string): string[] {
  return withSources({ [path]: text }, ([source]) => (source ? rule(source) : ["not parsed"]));
}

const lines = (count: number): string => "void 0;\n".repeat(count);

describe("the repository", () => {
  for (const [name, found] of complaints) {
    it(`keeps the rule ${name}`, () => {
      expect(found).toEqual([]);
    });
  }

  it("has a page for every error code and a code for every page", () => {
    const folder = join(root, "docs/errors");
    const pages = readdirSync(folder).map((file) => [
      file.replace(/\.md$/, ""),
      readFileSync(join(folder, file), "utf8"),
    ]);
    expect(errorPages(Object.keys(errorStatuses), Object.fromEntries(pages) as Record<string, string>)).toEqual([]);
  });
});

describe("a broken rule names file and line", () => {
  it("when a part imports another against the directions", () => {
    const text =
      'import "@aegis-pool/core";\nimport type { A } from "@aegis-pool/agent";\nvoid import("@aegis-pool/cli");\n';
    expect(says(rules.importDirections, "packages/pool/src/a.ts", text)).toEqual([
      expect.stringMatching(/^packages\/pool\/src\/a\.ts:2: imports @aegis-pool\/agent, .* core, platform, chain only/),
      expect.stringMatching(/^packages\/pool\/src\/a\.ts:3: imports @aegis-pool\/cli, /),
    ]);
    expect(says(rules.importDirections, "packages/agent/src/a.ts", 'export * from "@aegis-pool/pool";')).toHaveLength(
      1,
    );
    expect(says(rules.importDirections, "packages/core/src/a.ts", 'import "@aegis-pool/platform";')).toHaveLength(1);
    expect(says(rules.importDirections, "workloads/audit/src/a.ts", 'import "@aegis-pool/platform";')).toHaveLength(1);
    expect(says(rules.importDirections, "packages/cli/src/a.ts", text)).toHaveLength(1);
    expect(says(rules.importDirections, "packages/new/src/a.ts", "")).toEqual([expect.stringContaining("unknown")]);
    expect(says(rules.importDirections, "bench/src/a.ts", text)).toEqual([]);
  });

  it("when a key is exported as a JSON Web Key", () => {
    const text = 'key.export({ format: "der", type: "spki" });\nkey.export({ format: "jwk" });\n';
    expect(says(rules.noKeysAsJwk, "packages/platform/src/a.ts", text)).toEqual([
      expect.stringMatching(/^packages\/platform\/src\/a\.ts:2: exports a key as a JSON Web Key/),
    ]);
    expect(says(rules.noKeysAsJwk, "packages/platform/test/a.ts", text)).toEqual([]);
  });

  it("when core imports a platform", () => {
    const text =
      'import { encode } from "cborg";\nimport { a } from "./a.js";\nimport { readFile } from "node:fs";\nimport "ws";\n';
    const found = says(rules.coreIsPure, "packages/core/src/b.ts", text);
    expect(found.map((complaint) => complaint.split(": ")[0])).toEqual([
      "packages/core/src/b.ts:3",
      "packages/core/src/b.ts:4",
    ]);
  });

  it("when an import goes around a package's index", () => {
    const text =
      'import "@aegis-pool/core/dist/index.js";\nimport "../../core/src/index.js";\nimport "./b.js";\nimport "../test/c.js";\n';
    expect(says(rules.narrowDoors, "packages/pool/src/a.ts", text)).toEqual([
      expect.stringMatching(/a\.ts:1: .* reaches into a package/),
      expect.stringMatching(/a\.ts:2: .* leaves packages\/pool/),
    ]);
    expect(says(rules.narrowDoors, "packages/pool/src/deep/a.ts", 'import "../../../pool-two/a.js";')).toHaveLength(1);
    expect(says(rules.narrowDoors, "packages/pool/src/a.ts", 'import "../../../test/fixtures/a.js";')).toHaveLength(1);
    expect(says(rules.narrowDoors, "packages/pool/test/a.ts", 'import "../../sdk/src/a.js";')).toHaveLength(1);
    expect(says(rules.narrowDoors, "packages/pool/test/a.ts", 'import "../../../test/fixtures/a.js";')).toEqual([]);
    expect(says(rules.narrowDoors, "test/fixtures/a.ts", 'import "../../packages/sdk/src/a.js";')).toEqual([]);
  });

  it("when a file or a function is long", () => {
    expect(says(rules.fileLength, "packages/pool/src/a.ts", lines(300))).toEqual([]);
    expect(says(rules.fileLength, "packages/pool/src/a.ts", lines(301))).toEqual([
      expect.stringContaining("301 lines"),
    ]);
    expect(says(rules.fileLength, "packages/pool/test/a.ts", lines(301))).toEqual([]);
    const functions = (body: number): string =>
      `void 0;\n/** Says\n * much. */\nexport function f() {\n${lines(body)}}\nclass C {\n  m = () => {\n${lines(body)}  };\n}\n`;
    expect(says(rules.functionLength, "bench/src/a.ts", functions(58))).toEqual([]);
    expect(says(rules.functionLength, "bench/src/a.ts", functions(59))).toEqual([
      expect.stringContaining("bench/src/a.ts:4: the function has 61 lines"),
      expect.stringContaining("bench/src/a.ts:66: the function has 61 lines"),
    ]);
  });

  it("when a name says nothing", () => {
    for (const path of ["bench/src/utils/a.ts", "packages/pool/src/lease-manager.ts", "packages/sdk/test/helper.ts"]) {
      expect(says(rules.tellingNames, path, "")).toEqual([expect.stringContaining(`${path}:1: `)]);
    }
    expect(says(rules.tellingNames, "packages/pool/src/utility-meter.ts", "")).toEqual([]);
  });

  it("when core reads clock, randomness or timers", () => {
    const text =
      "// Date.now() in words\nMath.random();\nDate.now();\nnew Date();\nnew Date(5);\nsetTimeout(f, 1);\nconst now = 1;\n";
    const found = says(rules.coreIsDeterministic, "packages/core/src/a.ts", text);
    expect(found.map((complaint) => complaint.split(":")[1])).toEqual(["2", "3", "4", "6"]);
    expect(says(rules.coreIsDeterministic, "packages/pool/src/a.ts", text)).toEqual([]);
  });

  it("when something is left to do", () => {
    const text = `const a = 1;\n// ${"to-do".replace("-", "").toUpperCase()}: more\n`;
    expect(says(rules.nothingLeftToDo, "test/a.ts", text)).toEqual([expect.stringContaining("test/a.ts:2: ")]);
  });

  it("when a code has no page, a page no code, or a page is not a page", () => {
    const page = "# known\n\nMeaning.\n\n## What to do\n\nThis.\n";
    expect(errorPages(["known"], { known: page })).toEqual([]);
    expect(errorPages(["known", "new"], { known: page })).toEqual([expect.stringContaining("docs/errors/new.md:1: ")]);
    expect(errorPages([], { known: page })).toEqual([expect.stringContaining("docs/errors/known.md:1: no such code")]);
    expect(errorPages(["known"], { known: "# other\n" })).toEqual([expect.stringContaining('start with "# known"')]);
  });
});
