import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { auditProgramPath, collectContracts, loadAuditProgram } from "../src/index.js";
import { bundleProgram } from "../scripts/bundle.mjs";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "audit-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

describe("collecting contracts", () => {
  it("gives one input a file, each with what it imports and no more, ordered by path", async () => {
    await write({
      "package.json": "{}",
      "src/B.sol": 'import "./deep/C.sol";',
      "src/A.sol": "contract A {}",
      "src/deep/C.sol": 'import {A} from "../A.sol"; // import "./no.sol";',
    });
    const inputs = await collectContracts([join(folder, "src", "B.sol"), join(folder, "src")]);
    expect(inputs.map(({ path, sources }) => [path, Object.keys(sources).sort()])).toEqual([
      ["src/A.sol", ["src/A.sol"]],
      ["src/B.sol", ["src/A.sol", "src/B.sol", "src/deep/C.sol"]],
      ["src/deep/C.sol", ["src/A.sol", "src/deep/C.sol"]],
    ]);
  });

  it("finds imports in the nearest node_modules, in lib and by remappings.txt", async () => {
    await write({
      "remappings.txt": "@mapped/=vendor/mapped/\n",
      "vendor/mapped/M.sol": "",
      "lib/solmate/src/S.sol": 'import "./T.sol";',
      "lib/solmate/src/T.sol": "",
      "node_modules/@scope/pkg/P.sol": 'import "./Q.sol";',
      "node_modules/@scope/pkg/Q.sol": "",
      "A.sol": 'import "@mapped/M.sol"; import "solmate/S.sol"; import "@scope/pkg/P.sol";',
    });
    const [input] = await collectContracts([join(folder, "A.sol")]);
    expect(Object.keys(input?.sources ?? {})).toEqual([
      "A.sol",
      "@mapped/M.sol",
      "solmate/S.sol",
      "@scope/pkg/P.sol",
      "solmate/T.sol",
      "@scope/pkg/Q.sol",
    ]);
  });

  it("leaves an import that is nowhere out of the sources", async () => {
    await write({ "A.sol": 'import "./Gone.sol";' });
    expect(await collectContracts([join(folder, "A.sol")])).toEqual([
      { path: "A.sol", sources: { "A.sol": 'import "./Gone.sol";' } },
    ]);
  });

  it("refuses what does not exist, what is no contract, and a folder without any", async () => {
    await write({ "a.txt": "", "empty/readme.md": "" });
    await expect(collectContracts([join(folder, "no.sol")])).rejects.toMatchObject({ code: "not-found" });
    await expect(collectContracts([join(folder, "a.txt")])).rejects.toMatchObject({ code: "bad-argument" });
    await expect(collectContracts([join(folder, "empty")])).rejects.toMatchObject({ code: "bad-argument" });
  });

  it("refuses a closure that is too large for a task", async () => {
    await write({ "A.sol": 'import "./B.sol";', "B.sol": `//${" ".repeat(8 * 1024 * 1024)}` });
    await expect(collectContracts([join(folder, "A.sol")])).rejects.toMatchObject({ code: "too-large" });
  });

  it("finds every import of OpenZeppelin's 248 contracts", async () => {
    const root = dirname(createRequire(import.meta.url).resolve("@openzeppelin/contracts/package.json"));
    const inputs = await collectContracts([root]);
    expect(inputs).toHaveLength(248);
    const token = inputs.find(({ path }) => path === "token/ERC20/ERC20.sol");
    expect(Object.keys(token?.sources ?? {})).toContain("utils/Context.sol");
  });
});

it("reads the program that the bundle step writes", async () => {
  expect(await bundleProgram()).toBe(auditProgramPath());
  expect(new TextDecoder().decode(await loadAuditProgram())).toContain("export{");
});
