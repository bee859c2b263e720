/** The processors whose reports are understood, by the name in their certificates. */
export const snpProducts = ["Milan", "Genoa", "Turin"] as const;

export type SnpProduct = (typeof snpProducts)[number];

/** Security versions of the firmware that a machine trusts, each 0 to 255: SEV-SNP ABI (AMD 56860), TCB_VERSION. */
export interface TcbVersion {
  /** Turin alone has one. */
  readonly fmc: number;
  readonly bootLoader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

export const tcbParts = ["fmc", "bootLoader", "tee", "snp", "microcode"] as const satisfies (keyof TcbVersion)[];

/** In which of a TCB_VERSION's eight bytes each part is; all others are reserved. Turin's layout is another one. */
const early: Partial<TcbVersion> = { bootLoader: 0, tee: 1, snp: 6, microcode: 7 };
const layouts: Readonly<Record<SnpProduct, Partial<TcbVersion>>> = {
  Milan: early,
  Genoa: early,
  Turin: { fmc: 0, bootLoader: 1, tee: 2, snp: 3, microcode: 7 },
};

/** The versions in the eight bytes of a TCB_VERSION; undefined where a reserved one is not zero. */
export function readTcb(bytes: Uint8Array, product: SnpProduct): TcbVersion | undefined {
  const layout = layouts[product];
  const used = new Set(Object.values(layout));
  if (bytes.some((byte, index) => byte !== 0 && !used.has(index))) return undefined;
  const at = (index: number | undefined): number => (index === undefined ? 0 : (bytes[index] ?? 0));
  return {
    fmc: at(layout.fmc),
    bootLoader: at(layout.bootLoader),
    tee: at(layout.tee),
    snp: at(layout.snp),
    microcode: at(layout.microcode),
  };
}

/** The lowest of each part. */
export function leastOf(...versions: readonly TcbVersion[]): TcbVersion {
  const least = (part: keyof TcbVersion): number => Math.min(...versions.map((version) => version[part]));
  return {
    fmc: least("fmc"),
    bootLoader: least("bootLoader"),
    tee: least("tee"),
    snp: least("snp"),
    microcode: least("microcode"),
  };
}

/** Whether no part is below what is asked of it. */
export function isAtLeast(version: TcbVersion, asked: Partial<TcbVersion>): boolean {
  return tcbParts.every((part) => version[part] >= (asked[part] ?? 0));
}
