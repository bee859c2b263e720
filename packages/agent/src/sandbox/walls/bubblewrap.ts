import { importMapFile, mainRealmFile } from "../realm-files.js";
import { driverFiles, gpuDevices, type Purpose } from "./gpu.js";
import { seccompFilter } from "./seccomp.js";
import type { Wall } from "./wall.js";

/** Descriptors beyond the first three: bubblewrap tells the pid of what it started on one, reads its filter from one. */
export const bubblewrapFds = { info: 3, seccomp: 4 } as const;

const systemFolders = ["/lib64", "/usr/lib64", "/nix/store"];

/**
 * The second wall on Linux: own namespaces for everything, no network, no capability, and a file tree that holds
 * Deno, its libraries and our two files, all read-only and under names that tell nothing of the machine. A process that
 * is for the graphics card also has its device files, and what its driver reads.
 */
export function bubblewrapWall(bubblewrap: string, deno: string, purpose: Purpose): Wall {
  const filter = seccompFilter();
  const [files, devices] = purpose === "gpu" ? [driverFiles(), gpuDevices()] : [[], []];
  const insidePaths = new Map([
    [deno, "/deno"],
    [mainRealmFile, "/main.js"],
    [importMapFile, "/import-map.json"],
  ]);
  const asInside = (word: string): string => {
    for (const [outside, inside] of insidePaths) if (word.endsWith(outside)) return word.replace(outside, inside);
    return word;
  };
  return {
    name: "bubblewrap",
    wrap: (command) => ({
      ...command,
      file: bubblewrap,
      args: [
        ...["--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--clearenv"],
        ...["--info-fd", String(bubblewrapFds.info)],
        ...(filter === undefined ? [] : ["--seccomp", String(bubblewrapFds.seccomp)]),
        ...Object.entries(command.env).flatMap(([name, value]) => ["--setenv", name, value]),
        ...["--ro-bind", "/usr/lib", "/usr/lib", "--symlink", "usr/lib", "/lib"],
        ...[...systemFolders, ...files].flatMap((folder) => ["--ro-bind-try", folder, folder]),
        ...Array.from(insidePaths, ([outside, inside]) => ["--ro-bind", outside, inside]).flat(),
        // Bubblewrap makes / and /dev of tmpfs: without remounting, a task could fill memory there.
        ...["--dev", "/dev", ...devices.flatMap((path) => ["--dev-bind-try", path, path])],
        ...["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"],
        ...[command.file, ...command.args].map(asInside),
      ],
      bubblewrap: { seccompFilter: filter },
    }),
  };
}
