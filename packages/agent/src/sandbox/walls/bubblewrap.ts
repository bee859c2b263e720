import { importMapFile, mainRealmFile } from "../realm-files.js";
import type { Wall } from "./wall.js";

/** File descriptor on which bubblewrap tells the pid of what it started. */
export const bubblewrapInfoFd = 3;

const systemFolders = ["/lib64", "/usr/lib64", "/nix/store"];

/**
 * The second wall on Linux: own namespaces for everything, no network, no capability, and a file tree that holds
 * Deno, its libraries and our two files, all read-only.
 */
export function bubblewrapWall(bubblewrap: string, deno: string): Wall {
  return {
    name: "bubblewrap",
    wrap: (command) => ({
      ...command,
      file: bubblewrap,
      args: [
        ...["--unshare-all", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL", "--clearenv"],
        ...["--info-fd", String(bubblewrapInfoFd)],
        ...Object.entries(command.env).flatMap(([name, value]) => ["--setenv", name, value]),
        ...["--ro-bind", "/usr/lib", "/usr/lib", "--symlink", "usr/lib", "/lib"],
        ...systemFolders.flatMap((folder) => ["--ro-bind-try", folder, folder]),
        ...["--ro-bind", deno, deno, "--ro-bind", mainRealmFile, mainRealmFile],
        ...["--ro-bind", importMapFile, importMapFile],
        // Bubblewrap makes / and /dev of tmpfs: without remounting, a task could fill memory there.
        ...["--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"],
        command.file,
        ...command.args,
      ],
      pidFromBubblewrap: true,
    }),
  };
}
