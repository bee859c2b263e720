import { posix } from "node:path";

/** Where groups of our own can be made: below the group that this process is in. One folder for both in version 2. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly cpu: string;
  readonly memory: string;
}

interface Mount {
  readonly root: string;
  readonly point: string;
  readonly type: string;
  readonly options: readonly string[];
}

/**
 * The hierarchies in which this process is, version 2 first, out of /proc/self/mountinfo and /proc/self/cgroup; see
 * proc_pid_mountinfo(5) and cgroups(7).
 */
export function findHierarchies(mountinfo: string, cgroup: string): Hierarchy[] {
  const mounts = mountinfo.split("\n").flatMap(parseMount);
  const groups = cgroup.split("\n").flatMap(parseGroup);
  const folder = (controller: string): string | undefined => {
    const group = groups.find(({ controllers }) => controllers.includes(controller));
    const mount = mounts.find(({ type, options }) =>
      controller === "" ? type === "cgroup2" : type === "cgroup" && options.includes(controller),
    );
    return group && mount && posix.join(mount.point, below(mount.root, group.path));
  };
  const [unified, cpu, memory] = [folder(""), folder("cpu"), folder("memory")];
  return [
    ...(unified === undefined ? [] : [{ version: 2, cpu: unified, memory: unified } as const]),
    ...(cpu === undefined || memory === undefined ? [] : [{ version: 1, cpu, memory } as const]),
  ];
}

function parseMount(line: string): Mount[] {
  const [before = "", after = ""] = line.split(" - ");
  const [, , , root, point] = before.split(" ");
  const [type, , options] = after.split(" ");
  if (root === undefined || point === undefined || type === undefined || options === undefined) return [];
  return [{ root, point, type, options: options.split(",") }];
}

function parseGroup(line: string): { controllers: string[]; path: string }[] {
  const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
  return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(","), path }];
}

/** A group's path as it is seen through a mount of `root`: containers see their own part only. */
function below(root: string, path: string): string {
  if (root === "/") return path;
  return path === root || path.startsWith(`${root}/`) ? path.slice(root.length) : "/";
}
