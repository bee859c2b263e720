import { equalBytes, fromHex, toHex } from "../../shared/bytes.js";
import { type DerValue, derTags, readDer, readDerValues } from "./der.js";

/** What a certificate says beyond keys, names and times: RFC 5280, chapter 4.1. */
export interface CertificateFields {
  /** Whether it is signed by RSA-PSS with SHA-384, as all of AMD's are. */
  readonly isPssSha384: boolean;
  /** Extensions by the hexadecimal form of their object identifiers. */
  readonly extensions: ReadonlyMap<string, Extension>;
}

interface Extension {
  readonly isCritical: boolean;
  readonly value: Uint8Array;
}

/**
 * RSASSA-PSS with SHA-384, MGF1 with SHA-384 and 48 bytes of salt, RFC 4055, in the two forms that AMD's certificates have: Milan's and
 * Genoa's older ones spell out the trailer field, which DER has one leave out where it is the usual one.
 */
const pssSha384 = [
  "304106092a864886f70d01010a3034a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130",
  "304606092a864886f70d01010a3039a00f300d06096086480165030402020500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130a303020101",
].map((text) => fromHex(text) ?? new Uint8Array());

const tagOfExtensions = 0xa3;
/** Version, serial number, algorithm, issuer, validity, subject, key; what follows is optional and has a tag of its own. */
const fixedFields = 7;
const algorithmField = 2;

/** The fields of a certificate; undefined where it is not one in strict DER. */
export function readCertificateFields(der: Uint8Array): CertificateFields | undefined {
  const [body, algorithm, signature, ...more] = sequence(readDer(der)) ?? [];
  if (!body || !algorithm || signature?.tag !== derTags.bitString || more.length > 0) return undefined;
  const fields = sequence(body);
  const inner = fields?.[algorithmField];
  if (!fields || !inner) return undefined;
  const extensions = readExtensions(fields.slice(fixedFields).find(({ tag }) => tag === tagOfExtensions));
  const isAlike = equalBytes(algorithm.encoded, inner.encoded);
  const isPssSha384 = isAlike && pssSha384.some((known) => equalBytes(known, algorithm.encoded));
  return extensions && { isPssSha384, extensions };
}

function readExtensions(field: DerValue | undefined): Map<string, Extension> | undefined {
  if (!field) return new Map();
  const list = sequence(readDer(field.content));
  if (!list) return undefined;
  const extensions = new Map<string, Extension>();
  for (const entry of list) {
    const [name, ...rest] = sequence(entry) ?? [];
    const value = rest.at(-1);
    if (name?.tag !== derTags.objectIdentifier || value?.tag !== derTags.octetString || rest.length > 2)
      return undefined;
    const isCritical = rest.length === 2 && isTrue(rest[0]);
    if ((rest.length === 2 && !isCritical) || extensions.has(toHex(name.content))) return undefined;
    extensions.set(toHex(name.content), { isCritical, value: value.content });
  }
  return extensions;
}

/** `false` is the default, which DER has one leave out. */
const isTrue = (value: DerValue | undefined): boolean =>
  value?.tag === derTags.boolean && value.content.length === 1 && value.content[0] === 0xff;

function sequence(value: DerValue | undefined): DerValue[] | undefined {
  return value?.tag === derTags.sequence ? readDerValues(value.content) : undefined;
}
