/**
 * The source name that `imported` stands for inside the source `importer`, by the compiler's own rule: names that start with
 * `./` or `../` are relative to the importer's folder, steps above the top are dropped, all others are taken as they are
 * (Solidity documentation, "Import Path Resolution").
 */
export function resolveImport(importer: string, imported: string): string {
  if (!imported.startsWith("./") && !imported.startsWith("../")) return imported;
  const segments = importer.split("/").slice(0, -1);
  for (const segment of imported.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "." && segment !== "") segments.push(segment);
  }
  return segments.join("/");
}

/** The paths that a source imports, as written, in order. Read by pattern: parsing every file of a closure would cost too much. */
export function importsOf(source: string): string[] {
  const code = source.replace(commentsAndStrings, (match) => (match.startsWith("/") ? " " : match));
  return [...code.matchAll(importDirective)].map((match) => match[1] ?? "");
}

const commentsAndStrings = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;
const importDirective = /(?<![\w$])import\s*(?:[^;"']*?\bfrom\s*)?["']([^"']+)["']/g;

/** `source` with every comment and string replaced by a blank. */
export function bareCode(source: string): string {
  return source.replace(commentsAndStrings, " ");
}

/** The sources of a closure in the order in which imports reach them, and what they import that is not given. */
export function closureOf(
  path: string,
  sources: { readonly [name: string]: string },
): { reached: string[]; missing: { name: string; importer: string }[] } {
  const reached = [path];
  const missing = new Map<string, { name: string; importer: string }>();
  for (const importer of reached) {
    for (const imported of importsOf(sources[importer] ?? "")) {
      const name = resolveImport(importer, imported);
      if (sources[name] === undefined) missing.set(name, missing.get(name) ?? { name, importer });
      else if (!reached.includes(name)) reached.push(name);
    }
  }
  return { reached, missing: [...missing.values()] };
}
