import { equalBytes, toHex } from "../../shared/bytes.js";
import type { AttestationPlatform, PlatformCertificate } from "./platform.js";
import { type CertificateFields, readCertificateFields } from "./certificate-fields.js";
import { type ChipKey, readChipKey } from "./chip-key.js";
import type { AttestationRefusal } from "./refusals.js";
import type { PinnedRoot } from "./roots.js";

/** A chip's key, vouched for by a pinned root. */
export interface VouchedKey extends ChipKey {
  /** SubjectPublicKeyInfo, in DER. */
  readonly publicKey: Uint8Array;
}

/** One certificate by both readers: the platform's for keys, names, times and signatures, ours for the rest. */
interface Link {
  readonly certificate: PlatformCertificate;
  readonly fields: CertificateFields;
}

/** The key of the first of three certificates, VCEK, ASK and ARK, where each vouches for the one before and the last is pinned. */
export function verifyChain(
  certificates: readonly Uint8Array[],
  terms: { readonly roots: readonly PinnedRoot[]; readonly now: number; readonly platform: AttestationPlatform },
): VouchedKey | AttestationRefusal {
  if (certificates.length !== 3) return "certificate-missing";
  const links = certificates.map((der) => readLink(der, terms.platform));
  const [chip, signing, root] = links;
  if (!chip || !signing || !root) return "certificate-unreadable";
  const chain = [chip, signing, root] as const;
  if (!chain.every(({ fields }) => fields.isPssSha384)) return "certificate-algorithm";
  const pinned = terms.roots.find(({ publicKey }) => isPinned(root, publicKey, terms.platform));
  if (!pinned) return "root-unknown";
  if (!isSound(chain)) return "chain-broken";
  if (!chain.every(({ certificate }) => isValidAt(certificate, terms.now))) return "certificate-expired";
  const key = readChipKey(chip.fields);
  if (!key) return "certificate-fields";
  if (key.product !== pinned.product) return "product-at-odds";
  return { ...key, publicKey: chip.certificate.publicKey };
}

function readLink(der: Uint8Array, platform: AttestationPlatform): Link | undefined {
  const fields = readCertificateFields(der); // first: what it refuses need not be seen by a more forgiving reader
  const certificate = fields && platform.readCertificate(der);
  return certificate && fields && { certificate, fields };
}

function isPinned({ certificate }: Link, publicKey: string, platform: AttestationPlatform): boolean {
  return toHex(platform.sha256(certificate.publicKey)) === publicKey;
}

function isSound([chip, signing, root]: readonly [Link, Link, Link]): boolean {
  const areRanked = !chip.certificate.isAuthority && signing.certificate.isAuthority && root.certificate.isAuthority;
  const areLinked =
    chip.certificate.isIssuedBy(signing.certificate) &&
    signing.certificate.isIssuedBy(root.certificate) &&
    root.certificate.isIssuedBy(root.certificate);
  return areRanked && areLinked && !equalBytes(signing.certificate.publicKey, root.certificate.publicKey);
}

function isValidAt({ notBefore, notAfter }: PlatformCertificate, now: number): boolean {
  return notBefore <= now && now < notAfter;
}
