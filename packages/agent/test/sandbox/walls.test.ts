import { readFileSync, readlinkSync } from "node:fs";
import { expect, it } from "vitest";
import { tagged, valueOf } from "../engines/support/values.js";
import { describeWithAndWithoutBubblewrap, type Open } from "../engines/support/variants.js";

/** What Linux itself says of the process that runs a program. */
async function seenFromOutside(
  open: Open,
): Promise<{ status: string; limits: string; mounts: string; network: string }> {
  const runtime = await open("js", "export default () => 1", { memoryBytes: 1 << 26 });
  expect(valueOf(await runtime.run(tagged(1)))).toBe(1);
  const read = (file: string): string => readFileSync(`/proc/${runtime.pid}/${file}`, "latin1");
  const seen = { status: read("status"), limits: read("limits"), mounts: read("mounts"), network: read("net/dev") };
  await runtime.close();
  return seen;
}

const field = (text: string, name: string): string =>
  new RegExp(`^${name}:?\\s+(.*)$`, "m").exec(text)?.[1]?.trim() ?? "";

await describeWithAndWithoutBubblewrap("the walls around a process", (open, { bubblewrap }) => {
  it.skipIf(process.platform !== "linux")("let it write no file, dump no core and open few descriptors", async () => {
    const { limits } = await seenFromOutside(open);
    expect(field(limits, "Max file size")).toMatch(/^0\s+0\s/);
    expect(field(limits, "Max core file size")).toMatch(/^0\s+0\s/);
    expect(field(limits, "Max open files")).toMatch(/^64\s+64\s/);
    expect(field(limits, "Max data size")).toMatch(/^\d{9,10}\s/);
  });

  it.skipIf(process.platform !== "linux")(
    "leave it no privilege and no way to one, under a user that is not root",
    async () => {
      const { status } = await seenFromOutside(open);
      expect(Number(field(status, "CapEff"))).toBe(0);
      expect(field(status, "NoNewPrivs")).toBe("1");
      expect(field(status, "Uid").split(/\s+/)).not.toContain("0");
    },
  );

  it.skipIf(!bubblewrap)(
    "show it a file tree of Deno and libraries alone, in which nothing can be written",
    async () => {
      const { mounts } = await seenFromOutside(open);
      const lines = mounts
        .trim()
        .split("\n")
        .map((line) => line.split(" "));
      const writable = lines.filter(([, , , options = ""]) => !options.split(",").includes("ro"));
      expect(
        writable
          .map(([, path]) => path)
          .filter((path) => !/^\/dev\/(null|zero|full|random|urandom|tty|pts)$/.test(path ?? "")),
      ).toEqual([]);
      const known = /^\/($|deno$|main\.js$|import-map\.json$|usr\/lib(64)?$|lib64$|nix\/store$|dev($|\/))/;
      expect(lines.map(([, path = ""]) => path).filter((path) => !known.test(path))).toEqual([]);
    },
  );

  it.skipIf(!bubblewrap)("give it namespaces of its own, and no network but loopback", async () => {
    const runtime = await open("js", "export default () => 1");
    for (const namespace of ["net", "pid", "ipc", "mnt", "uts", "user"]) {
      expect(readlinkSync(`/proc/${runtime.pid}/ns/${namespace}`)).not.toBe(readlinkSync(`/proc/self/ns/${namespace}`));
    }
    const devices = readFileSync(`/proc/${runtime.pid}/net/dev`, "latin1")
      .match(/^\s*\w+(?=:)/gm)
      ?.map((name) => name.trim());
    expect(devices).toEqual(["lo"]);
    await runtime.close();
  });

  it.skipIf(!bubblewrap)("refuse it system calls that no program has a use for", async () => {
    const { status } = await seenFromOutside(open);
    expect(field(status, "Seccomp")).toBe("2");
  });
});
