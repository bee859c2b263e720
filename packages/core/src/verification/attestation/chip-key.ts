import type { CertificateFields } from "./certificate-fields.js";
import { derTags, readDer, smallInteger } from "./der.js";
import { type SnpProduct, snpProducts, type TcbVersion } from "./tcb.js";

/** What a VCEK certificate says of its key: AMD 57230, "Versioned Chip Endorsement Key", chapter 3.1, its X.509 extensions. */
export interface ChipKey {
  readonly product: SnpProduct;
  readonly tcb: TcbVersion;
  /** What the chip is called: 64 bytes, of Turin 8. */
  readonly hardwareId: Uint8Array;
}

/** 1.3.6.1.4.1.3704.1, AMD's own arc, in DER; the extensions are below it. */
const arc = "2b060104019c7801";
const extension = {
  productName: `${arc}02`,
  bootLoader: `${arc}0301`,
  tee: `${arc}0302`,
  snp: `${arc}0303`,
  microcode: `${arc}0308`,
  fmc: `${arc}0309`,
  hardwareId: `${arc}04`,
} as const;
/** Numbers of parts that do not exist yet: they are there, and zero. */
const reservedParts = ["04", "05", "06", "07"].map((last) => `${arc}03${last}`);
const hardwareIdBytes: Readonly<Record<SnpProduct, number>> = { Milan: 64, Genoa: 64, Turin: 8 };

/** What the extensions of a VCEK say; undefined where one lacks, is not as it should be, or demands to be understood and is not. */
export function readChipKey({ extensions }: CertificateFields): ChipKey | undefined {
  if ([...extensions.values()].some(({ isCritical }) => isCritical)) return undefined; // a VCEK has none, and we know none
  const product = productIn(extensions.get(extension.productName)?.value);
  const hardwareId = extensions.get(extension.hardwareId)?.value;
  if (!product || hardwareId?.length !== hardwareIdBytes[product]) return undefined;
  const number = (name: string): number | undefined => {
    const value = extensions.get(name);
    const read = value && readDer(value.value);
    return read && smallInteger(read);
  };
  if (reservedParts.some((name) => extensions.has(name) && number(name) !== 0)) return undefined;
  const { bootLoader, tee, snp, microcode } = extension;
  const numbers = [bootLoader, tee, snp, microcode].map(number);
  const fmc = product === "Turin" ? number(extension.fmc) : 0;
  if (fmc === undefined || numbers.includes(undefined)) return undefined;
  const [bootLoaderSvn = 0, teeSvn = 0, snpSvn = 0, microcodeSvn = 0] = numbers;
  const tcb = { fmc, bootLoader: bootLoaderSvn, tee: teeSvn, snp: snpSvn, microcode: microcodeSvn };
  return { product, tcb, hardwareId };
}

/** A name such as "Milan-B0" or "Turin". */
function productIn(value: Uint8Array | undefined): SnpProduct | undefined {
  const read = value && readDer(value);
  if (read?.tag !== derTags.ia5String) return undefined;
  const name = String.fromCharCode(...read.content).split("-")[0];
  return snpProducts.find((product) => product === name);
}
