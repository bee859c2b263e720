import { readdirSync, readFileSync } from "node:fs";
import { join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { API } from "typescript/unstable/sync";

export const root = fileURLToPath(new URL("../..", import.meta.url));

/** A TypeScript file of the repository: its path from the root, and what the compiler's parser makes of it. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly syntax: SourceFile;
}

/** The folders that hold our TypeScript. */
const folders = ["packages", "workloads", "contracts", "bench", "test", "examples"];
const skipped = /(^|\/)(node_modules|dist)\//;

/** Every TypeScript file of the repository, declarations of others' modules excepted. */
export function readSources(): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const folder of folders) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      const path = `${folder}/${entry.split(sep).join("/")}`;
      if (/(?<!\.d)\.ts$/.test(path) && !skipped.test(path)) texts[path] = readFileSync(join(root, path), "utf8");
    }
  }
  return texts;
}

/** Parses `texts`, by path, with the compiler's own parser, and hands them to `use`; nothing is resolved or checked. */
export function withSources<T>(texts: Record<string, string>, use: (sources: readonly Source[]) => T): T {
  const project = "/tidy/tsconfig.json";
  const compilerOptions = { noLib: true, noResolve: true, types: [] };
  const files: Record<string, string> = {};
  for (const [path, text] of Object.entries(texts)) files[`/tidy/${path}`] = text;
  files[project] = JSON.stringify({ compilerOptions, files: Object.keys(files) });
  const api = new API({ cwd: root, fs: createVirtualFileSystem(files) });
  try {
    const program = api.updateSnapshot({ openProjects: [project] }).getProject(project)?.program;
    const parsed = Object.entries(texts).map(([path, text]) => {
      const syntax = program?.getSourceFile(`/tidy/${path}`);
      if (!syntax) throw new Error(`the compiler did not parse ${path}`);
      return { path, text, syntax };
    });
    return use(parsed);
  } finally {
    api.close();
  }
}

/** Every node of a file, parents before their children. */
export function* nodesOf(node: Node): Generator<Node> {
  yield node;
  const children: Node[] = [];
  node.forEachChild((child) => void children.push(child));
  for (const child of children) yield* nodesOf(child);
}

/** The line, from 1, on which `node` starts. */
export function lineOf({ syntax }: Source, node: Node): number {
  return syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1;
}
