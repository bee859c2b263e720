/** What an owner lends: parts of the machine, as text such as "cpu=50%,memory=4GiB" or "gpu=0:50%". */
export interface Share {
  /** Percent of all cores, 1 to 100; 0: only the graphics card is lent. */
  readonly cpuPercent: number;
  /** Bytes for all tasks together; undefined: half of what the machine has. */
  readonly memoryBytes: number | undefined;
  readonly gpu?: GpuShare | undefined;
}

/** What is lent of the graphics card. */
export interface GpuShare {
  /** Percent of its time, 1 to 100. */
  readonly percent: number;
  /** Bytes of its memory; undefined: half of what a program can get. */
  readonly memoryBytes: number | undefined;
}

/** Everything of the processor, half of the memory. */
export const wholeShare: Share = { cpuPercent: 100, memoryBytes: undefined };

const example = '"cpu=50%,memory=4GiB" or "gpu=0:50%"';

/** The parts that have been named so far. */
type Parts = { -readonly [P in keyof Share]?: Share[P] | undefined };

/** The share in `text`, or one sentence that says what is wrong with it. */
export function parseShare(text: string): Share | string {
  const parts: Parts = {};
  const named = new Set<string>();
  for (const part of text.split(",")) {
    const [name = "", value = "", ...rest] = part.trim().split("=");
    if (rest.length > 0 || named.has(name)) return `"${part.trim()}": a share names each part once, as in ${example}`;
    named.add(name);
    const wrong = readPart(name, value, parts);
    if (wrong !== undefined) return wrong;
  }
  const { cpuPercent = parts.gpu ? 0 : wholeShare.cpuPercent, memoryBytes, gpu } = parts;
  return { cpuPercent, memoryBytes, ...(gpu && { gpu }) };
}

/** Reads one part into `parts`; @returns what is wrong with it */
function readPart(name: string, value: string, parts: Parts): string | undefined {
  if (name === "cpu") {
    parts.cpuPercent = parsePercent(value);
    return parts.cpuPercent === undefined ? `cpu=${value}: expected a whole percentage from 1% to 100%` : undefined;
  }
  if (name === "memory") {
    parts.memoryBytes = parseBytes(value);
    return parts.memoryBytes ? undefined : `memory=${value}: expected a size such as 512MiB or 4GiB`;
  }
  if (name === "gpu") {
    const gpu = parseGpu(value);
    if (typeof gpu === "string") return `gpu=${value}: ${gpu}`;
    parts.gpu = gpu;
    return undefined;
  }
  return `"${name}": a share names cpu, memory or gpu, as in ${example}`;
}

/** "0:50%", "50%" or "0:50%:8GiB": number, part of the time, memory; or what is wrong with it. */
function parseGpu(text: string): GpuShare | string {
  const [, index = "0", percentText = "", memoryText] = /^(?:(\d+):)?(\d+%)(?::(\w+))?$/.exec(text) ?? [];
  const percent = parsePercent(percentText);
  const memoryBytes = memoryText === undefined ? undefined : parseBytes(memoryText);
  if (percent === undefined || memoryBytes === 0 || (memoryText !== undefined && memoryBytes === undefined)) {
    return "expected a percentage of its time from 1% to 100%, and its memory where you like, as in 0:50%:8GiB";
  }
  return index === "0" ? { percent, memoryBytes } : "a sandbox sees one graphics card, number 0";
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
