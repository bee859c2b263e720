import { toHex } from "../../shared/bytes.js";

/** Certificates that a host hands its guest with a report. */
export interface HostCertificates {
  readonly vcek?: Uint8Array;
  readonly ask?: Uint8Array;
  readonly ark?: Uint8Array;
}

/** GUIDs of the table's entries, as they lie there: AMD 56421, "SEV-ES Guest-Hypervisor Communication Block", chapter 4.1.8.1. */
const kinds: Readonly<Record<string, keyof HostCertificates>> = {
  "63da758de6644564adc5f4b93be8accd": "vcek",
  "4ab7b379bbac4fe4a02f05aef327c782": "ask",
  c0b406a4a803495297433fb6014cd0ae: "ark",
};
const entryBytes = 24;
const guidBytes = 16;
/** The kernel gives at most 32 KiB. */
const mostBytes = 32 * 1_024;

/**
 * The certificates in the table that a host has filled in; entries of other kinds are passed over. Undefined where it is no table: an entry of
 * zeros must end it, and each certificate must lie behind that, inside, once.
 */
export function readCertificateTable(table: Uint8Array): HostCertificates | undefined {
  if (table.length > mostBytes) return undefined;
  const entries = readEntries(table);
  if (!entries) return undefined;
  const end = (entries.length + 1) * entryBytes;
  const found: { -readonly [K in keyof HostCertificates]: Uint8Array } = {};
  for (const { guid, offset, length } of entries) {
    if (offset < end || length === 0 || offset + length > table.length) return undefined;
    const kind = kinds[guid];
    if (kind && found[kind]) return undefined;
    if (kind) found[kind] = table.subarray(offset, offset + length);
  }
  return found;
}

function readEntries(table: Uint8Array): { guid: string; offset: number; length: number }[] | undefined {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const entries: { guid: string; offset: number; length: number }[] = [];
  for (let at = 0; at + entryBytes <= table.length; at += entryBytes) {
    const entry = table.subarray(at, at + entryBytes);
    if (entry.every((byte) => byte === 0)) return entries;
    entries.push({
      guid: toHex(entry.subarray(0, guidBytes)),
      offset: view.getUint32(at + guidBytes, true),
      length: view.getUint32(at + guidBytes + 4, true),
    });
  }
  return undefined;
}
