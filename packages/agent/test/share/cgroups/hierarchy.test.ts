import { expect, it } from "vitest";
import { findHierarchies } from "../../../src/share/cgroups/hierarchy.js";

const v1Mounts = [
  "30 24 0:26 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory",
  "31 24 0:27 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset",
  "32 24 0:28 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct",
  "33 24 0:29 / /proc rw - proc proc rw",
].join("\n");

it("groups of version 1 are made below those that a process is in, which may differ by controller", () => {
  const cgroup = "4:memory:/user/one\n3:cpuset:/\n2:cpu,cpuacct:/system\n1:name=systemd:/x\n";
  expect(findHierarchies(v1Mounts, cgroup)).toEqual([
    { version: 1, cpu: "/sys/fs/cgroup/cpu,cpuacct/system", memory: "/sys/fs/cgroup/memory/user/one" },
  ]);
});

it("groups of version 2 come first, in one folder", () => {
  const mounts = `${v1Mounts}\n40 24 0:30 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw,nsdelegate`;
  expect(findHierarchies(mounts, "0::/user.slice/aegis.service\n")).toEqual([
    {
      version: 2,
      cpu: "/sys/fs/cgroup/unified/user.slice/aegis.service",
      memory: "/sys/fs/cgroup/unified/user.slice/aegis.service",
    },
  ]);
});

it("a container that sees its own part only makes groups in that", () => {
  const mounts = v1Mounts.replaceAll(" / /sys", " /docker/abc /sys");
  const cgroup = "4:memory:/docker/abc/inner\n2:cpu,cpuacct:/docker/abc\n";
  expect(findHierarchies(mounts, cgroup)).toEqual([
    { version: 1, cpu: "/sys/fs/cgroup/cpu,cpuacct", memory: "/sys/fs/cgroup/memory/inner" },
  ]);
});

it("there are none where a controller is missing, or nothing can be read", () => {
  expect(findHierarchies(v1Mounts, "4:memory:/\n")).toEqual([]);
  expect(findHierarchies("", "")).toEqual([]);
  expect(findHierarchies("garbage\n\n- - -", "garbage")).toEqual([]);
});
