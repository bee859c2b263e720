/** What an owner lends: parts of the machine, as text such as "cpu=50%,memory=4GiB". */
export interface Share {
  /** Percent of all cores, 1 to 100. */
  readonly cpuPercent: number;
  /** Bytes for all tasks together; undefined: half of what the machine has. */
  readonly memoryBytes: number | undefined;
}

/** Everything of the processor, half of the memory. */
export const wholeShare: Share = { cpuPercent: 100, memoryBytes: undefined };

/** The share in `text`, or one sentence that says what is wrong with it. */
export function parseShare(text: string): Share | string {
  let share = wholeShare;
  const named = new Set<string>();
  for (const part of text.split(",")) {
    const [name = "", value = "", ...rest] = part.trim().split("=");
    if (rest.length > 0 || named.has(name))
      return `"${part.trim()}": a share names each part once, as in "cpu=50%,memory=4GiB"`;
    named.add(name);
    if (name === "cpu") {
      const cpuPercent = parsePercent(value);
      if (cpuPercent === undefined) return `cpu=${value}: expected a whole percentage from 1% to 100%`;
      share = { ...share, cpuPercent };
    } else if (name === "memory") {
      const memoryBytes = parseBytes(value);
      if (!memoryBytes) return `memory=${value}: expected a size such as 512MiB or 4GiB`;
      share = { ...share, memoryBytes };
    } else {
      return `"${part.trim()}": a share names cpu or memory, as in "cpu=50%,memory=4GiB"`;
    }
  }
  return share;
}

const unitBytes: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};

/** Bytes of "4GiB", "500MB" or "65536B"; undefined where the text is no size. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)\s*([kKMGT]i?B|B)$/.exec(text.trim());
  const unit = unitBytes[match?.[2] ?? ""];
  return match && unit ? Math.round(Number(match[1]) * unit) : undefined;
}

/** "4.0 GiB" for 2^32 bytes. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1024 ** 3) return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
  if (bytes >= 1024 ** 2) return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
  if (bytes >= 1024) return `${(bytes / 1024).toFixed(1)} KiB`;
  return `${bytes} B`;
}

function parsePercent(text: string): number | undefined {
  const match = /^(\d{1,3})%$/.exec(text);
  const percent = Number(match?.[1]);
  return percent >= 1 && percent <= 100 ? percent : undefined;
}
