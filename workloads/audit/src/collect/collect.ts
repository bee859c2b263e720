import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { importsOf, resolveImport } from "../imports.js";
import type { AuditInput } from "../input.js";
import { Project } from "./project.js";

/** The most contract files of one call, and the most text of one file's closure: what a task's input may weigh. */
const maxFiles = 10_000;
const maxClosureBytes = 8 * 1024 * 1024;
/** Folders that hold what others wrote, or what was built. */
const skippedFolders = new Set(["node_modules", "lib", "artifacts", "cache", "out", "build", ".git"]);

/**
 * One audit input for each `.sol` file that `paths` name: files as they are, folders with all below them but dependencies and
 * build results. Ordered by path, each file once, whatever the order given. An import that cannot be found is left out of
 * `sources`; the audit names it.
 * @throws {AegisError} `not-found` where a path does not exist, `bad-argument` where a file is no `.sol` file or a folder holds
 *   none, `too-large` above 10,000 files or where one file with its imports is larger than 8 MiB
 */
export async function collectContracts(paths: readonly string[]): Promise<AuditInput[]> {
  const files = new Set<string>();
  for (const path of paths) for (const file of await contractFiles(path)) files.add(file);
  if (files.size > maxFiles) throw tooLarge(`${files.size} contract files are more than the ${maxFiles} allowed`);
  const projects = new Map<string, Project>();
  const texts = new Map<string, string | undefined>();
  const inputs: AuditInput[] = [];
  for (const file of [...files].sort()) {
    const root = await Project.rootOf(file);
    const project = projects.get(root) ?? (await Project.at(root));
    projects.set(root, project);
    inputs.push(await closure(file, project, texts));
  }
  return inputs;
}

async function contractFiles(path: string): Promise<string[]> {
  const absolute = resolve(path);
  const found = await stat(absolute).catch((cause: unknown) => {
    const next = "Give the path of a .sol file or of a folder that holds some.";
    throw new AegisError({ code: "not-found", message: `"${path}" does not exist`, next, cause });
  });
  const files = found.isDirectory() ? await filesBelow(absolute) : [absolute];
  if (files.length > 0 && files.every((file) => file.endsWith(".sol"))) return files;
  const message = found.isDirectory() ? `the folder "${path}" holds no .sol file` : `"${path}" is no .sol file`;
  throw new AegisError({ code: "bad-argument", message, next: "Give Solidity files, or a folder that holds some." });
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !skippedFolders.has(entry.name)) files.push(...(await filesBelow(path)));
    if (entry.isFile() && entry.name.endsWith(".sol")) files.push(path);
    if (files.length > maxFiles) throw tooLarge(`"${folder}" holds more than the ${maxFiles} contract files allowed`);
  }
  return files;
}

/** The file and all that its imports reach. `texts` keeps what was read, by path. */
async function closure(file: string, project: Project, texts: Map<string, string | undefined>): Promise<AuditInput> {
  const path = relative(project.root, file).split(sep).join("/");
  const sources: Record<string, string> = {};
  const queue = [{ name: path, file }];
  let bytes = 0;
  for (const { name, file: from } of queue) {
    const text = await textOf(from, texts);
    if (text === undefined || name in sources) continue;
    sources[name] = text;
    bytes += Buffer.byteLength(text);
    if (bytes > maxClosureBytes) throw tooLarge(`"${path}" and its imports are larger than ${maxClosureBytes} bytes`);
    for (const imported of importsOf(text)) {
      const resolved = await project.find(resolveImport(name, imported), imported, from);
      if (resolved) queue.push({ name: resolveImport(name, imported), file: resolved });
    }
  }
  return { path, sources };
}

async function textOf(file: string, texts: Map<string, string | undefined>): Promise<string | undefined> {
  if (!texts.has(file)) texts.set(file, await readFile(file, "utf8").catch(() => undefined));
  return texts.get(file);
}

function tooLarge(message: string): AegisError {
  return new AegisError({ code: "too-large", message, next: "Audit fewer files at once, or leave dependencies out." });
}
