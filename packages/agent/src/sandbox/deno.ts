import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Purpose } from "./walls/gpu.js";
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

/**
 * How programs become machine code. `steady`: alike in every run; `baseline`: the same with nothing optimised, for seeing whether a result
 * hangs on that.
 */
export type Compiler = "optimising" | "steady" | "baseline";

/**
 * V8 compiles and collects on the thread that computes: on others it would be done sooner or later from run to run, and a program
 * can see what is optimised by how deep its stack is.
 */
const steady = ["--single-threaded"];

const compilers: Readonly<Record<Compiler, readonly string[]>> = {
  optimising: [],
  steady,
  baseline: [...steady, "--no-opt", "--no-maglev", "--no-sparkplug", "--liftoff", "--liftoff-only"],
};

/** The arguments that run the main realm from `realm`, the folder as the process sees it. */
export function denoArguments(options: {
  mainRealm: string;
  importMap: string;
  reportsMemory: boolean;
  purpose: Purpose;
  compiler?: Compiler;
}): string[] {
  const flags = compilers[options.compiler ?? "optimising"];
  const own = [...(options.reportsMemory ? ["report-memory"] : []), ...(options.purpose === "gpu" ? ["keep-gpu"] : [])];
  return [
    "run",
    ...refusals,
    ...(flags.length > 0 ? [`--v8-flags=${flags.join(",")}`] : []),
    `--import-map=${options.importMap}`,
    options.mainRealm,
    ...own,
  ];
}

const unixEnvironment = { DENO_DIR: "/dev/null/x", XDG_RUNTIME_DIR: "/nonexistent" };

/** The whole environment. `DENO_DIR` can be no folder, so that neither localStorage nor caches outlive a process. */
export const denoEnvironment: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
  // every machine writes dates and numbers alike, and says nothing of where it stands
  TZ: "UTC",
  LC_ALL: "en_US.UTF-8",
  LANG: "en_US.UTF-8",
  DENO_NO_UPDATE_CHECK: "1",
  ...(process.platform === "win32" ? windowsEnvironment() : unixEnvironment),
};

/** Windows' own random numbers and sockets are not found without SystemRoot. */
function windowsEnvironment(): Record<string, string> {
  return { DENO_DIR: "NUL\\x", SystemRoot: process.env["SystemRoot"] ?? "C:\\Windows" };
}

/** Whether `npm run build` has written what Deno runs. */
export function hasRealmFiles(): boolean {
  return existsSync(mainRealmFile) && existsSync(importMapFile);
}
