import { readdirSync, statSync } from "node:fs";

/** What a process is for: one that may use the graphics card has other walls, and is never used for anything else. */
export type Purpose = "plain" | "gpu";

/** Device files by which drivers reach a graphics card: Mesa's, NVIDIA's, AMD's for computing, Windows' under Linux. */
const deviceName = /^(dri|nvidia\d+|nvidiactl|nvidia-uvm|nvidia-uvm-tools|nvidia-modeset|kfd|dxg)$/;
/** Those of them that are a card, and not what is beside it. */
const cardName = /^(nvidia\d+|dxg)$/;

/** Where drivers say that they are there, what they ask of a card before they use it, and how they are found. */
const driverFolders = [
  ...["/usr/share/vulkan", "/etc/vulkan", "/usr/share/glvnd", "/usr/share/drirc.d", "/usr/share/libdrm"],
  ...[
    "/etc/ld.so.cache",
    "/run/opengl-driver",
    "/sys/dev/char",
    "/sys/bus/pci",
    "/proc/driver/nvidia",
    "/proc/devices",
  ],
];

/** The device files that are here. */
export function gpuDevices(): string[] {
  return namesIn("/dev")
    .filter((name) => deviceName.test(name))
    .map((name) => `/dev/${name}`);
}

/** Whether this Linux has a graphics card that programs can compute on. */
export function hasGpuDevice(): boolean {
  return renderNodes().length > 0 || namesIn("/dev").some((name) => cardName.test(name));
}

/** What drivers read; a card's own description among it, but no other device's. */
export function driverFiles(): string[] {
  const buses = namesIn("/sys/devices").filter((name) => name.startsWith("pci"));
  return [...driverFolders, ...buses.map((name) => `/sys/devices/${name}`)];
}

/** The group that may use the card, where its device file has one: a sandbox's user is in no other. */
export function gpuGroup(): number | undefined {
  const [node] = renderNodes();
  return node === undefined ? undefined : statSync(node).gid;
}

/** What keeps drivers from writing their caches anywhere: a process may write no file. */
export const gpuEnvironment: Readonly<Record<string, string>> = {
  MESA_SHADER_CACHE_DISABLE: "true",
  __GL_SHADER_DISK_CACHE: "0",
};

function renderNodes(): string[] {
  return namesIn("/dev/dri")
    .filter((name) => name.startsWith("renderD"))
    .map((name) => `/dev/dri/${name}`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // not on this system
  }
}
