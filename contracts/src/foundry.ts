import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** How npm names the builds of one tool. */
const systems: Readonly<Record<string, string>> = { linux: "linux", darwin: "darwin", win32: "win32" };
const processors: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * One of Foundry's programs, which npm has installed in a package for this system alone. Not the wrapper in Node.js beside it: whoever kills
 * that leaves the program running.
 * @throws where there is none for this system
 */
export function foundryProgram(tool: "anvil" | "forge"): string {
  const name = `@foundry-rs/${tool}-${systems[process.platform]}-${processors[process.arch]}`;
  const require = createRequire(import.meta.url);
  const file = process.platform === "win32" ? `${tool}.exe` : tool;
  return join(dirname(require.resolve(`${name}/package.json`)), "bin", file);
}
