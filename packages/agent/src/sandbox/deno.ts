import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { importMapFile, mainRealmFile } from "./realm-files.js";

/**
 * The platform's own Deno binary out of npm's package, or undefined where npm has none for this platform.
 * Spawned directly: the package's wrapper would be a second process between us and it.
 */
export function findDeno(): string | undefined {
  const require = createRequire(import.meta.url);
  const name = process.platform === "win32" ? "deno.exe" : "deno";
  for (const platform of platformNames()) {
    try {
      const path = join(dirname(require.resolve(`@deno/${platform}/package.json`)), name);
      if (existsSync(path)) return path;
    } catch {
      // Not installed for this platform: the next name, or none.
    }
  }
  return undefined;
}

function platformNames(): string[] {
  const base = `${process.platform}-${process.arch}`;
  return [base, `${base}-glibc`];
}

/** Everything that Deno is told not to do. There is no `--allow`. */
const refusals = [
  ...["--no-prompt", "--no-remote", "--no-npm", "--cached-only", "--no-config", "--no-lock"],
  ...["--no-code-cache", "--quiet"],
];

/** The arguments that run the main realm from `realm`, the folder as the process sees it. */
export function denoArguments(options: { mainRealm: string; importMap: string; reportsMemory: boolean }): string[] {
  const own = options.reportsMemory ? ["report-memory"] : [];
  return ["run", ...refusals, `--import-map=${options.importMap}`, options.mainRealm, ...own];
}

/** The whole environment. `DENO_DIR` is no folder, so that neither localStorage nor caches can outlive a process. */
export const denoEnvironment = {
  NO_COLOR: "1",
  DENO_NO_UPDATE_CHECK: "1",
  DENO_DIR: "/dev/null/x",
  XDG_RUNTIME_DIR: "/nonexistent",
} as const;

/** Whether `npm run build` has written what Deno runs. */
export function hasRealmFiles(): boolean {
  return existsSync(mainRealmFile) && readFileSync(importMapFile).length > 0;
}
