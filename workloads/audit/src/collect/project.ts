import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/** What marks the top of a Solidity project. */
const markers = ["foundry.toml", "remappings.txt", "hardhat.config.ts", "hardhat.config.js", "package.json", ".git"];

/** `@oz/=lib/openzeppelin/contracts/`: names that start with `prefix` lie under `target`. */
interface Remapping {
  readonly prefix: string;
  readonly target: string;
}

/** A folder of contracts with its ways to find imports. Source names are paths below `root`. */
export class Project {
  readonly root: string;
  private readonly remappings: readonly Remapping[];

  private constructor(root: string, remappings: readonly Remapping[]) {
    this.root = root;
    // As the compiler does: the longest prefix wins.
    this.remappings = [...remappings].sort((one, other) => other.prefix.length - one.prefix.length);
  }

  /** The folder above `file` that looks like the top of a project; the file's own where none does. */
  static async rootOf(file: string): Promise<string> {
    for (let folder = dirname(file); ; folder = dirname(folder)) {
      if (markers.some((marker) => existsSync(join(folder, marker)))) return folder;
      if (folder === dirname(folder)) return dirname(file);
    }
  }

  /** The project at `root`, with the remappings of its `remappings.txt` and of the libraries in `lib/`. */
  static async at(root: string): Promise<Project> {
    const text = await readFile(join(root, "remappings.txt"), "utf8").catch(() => "");
    const written = text.split(/\r?\n/).flatMap((line) => remapping(line, root));
    return new Project(root, [...written, ...(await libraries(root))]);
  }

  /**
   * The file that the source `name` stands for, where it is imported as `imported` by the file `importer`: relative imports beside
   * the importer, others by remapping, below the root, and in the nearest `node_modules`.
   */
  async find(name: string, imported: string, importer: string): Promise<string | undefined> {
    if (imported.startsWith("./") || imported.startsWith("../"))
      return existing([resolve(dirname(importer), imported)]);
    const remapped = this.remappings.find(({ prefix }) => name.startsWith(prefix));
    const candidates = remapped ? [join(remapped.target, name.slice(remapped.prefix.length))] : [];
    return existing([...candidates, join(this.root, name), ...inNodeModules(name, dirname(importer))]);
  }
}

function remapping(line: string, root: string): Remapping[] {
  // A context before a colon narrows a remapping to some importers; it is taken for all.
  const match = line.trim().match(/^(?:[^:=]*:)?([^=]+)=(.+)$/);
  return match?.[1] && match[2] ? [{ prefix: match[1], target: resolve(root, match[2]) }] : [];
}

/** As Foundry infers them: `lib/NAME/src` or `lib/NAME/contracts` is `NAME/`. */
async function libraries(root: string): Promise<Remapping[]> {
  const entries = await readdir(join(root, "lib"), { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => {
      const folder = join(root, "lib", name);
      const inner = ["src", "contracts"].map((below) => join(folder, below)).find((path) => existsSync(path));
      return { prefix: `${name}/`, target: inner ?? folder };
    });
}

function inNodeModules(name: string, from: string): string[] {
  const candidates: string[] = [];
  for (let folder = from; ; folder = dirname(folder)) {
    candidates.push(join(folder, "node_modules", name));
    if (folder === dirname(folder)) return candidates;
  }
}

function existing(candidates: readonly string[]): string | undefined {
  return candidates.find((path) => path.endsWith(".sol") && existsSync(path));
}
