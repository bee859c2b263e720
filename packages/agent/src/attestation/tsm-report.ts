import { randomBytes } from "node:crypto";
import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { hasCode } from "@aegis-pool/platform";

/**
 * Where Linux (6.7 and later) hands out reports of its trusted security module: Documentation/ABI/testing/configfs-tsm-report. A folder that is
 * made there has the files below; what is written to `inblob` is in the report that `outblob` then gives. No ioctl is needed.
 */
export const tsmFolder = "/sys/kernel/config/tsm/report";

/** The kernel's name for AMD's SEV-SNP. */
const provider = "sev_guest";
/** Others may use the same folder at the same time, if ill-advised: then `generation` has moved on, and it is asked again. */
const mostTries = 3;

/** A report and what came with it. */
export interface TsmReport {
  readonly report: Uint8Array;
  /** The table of certificates that the host has given; empty where it gives none. */
  readonly table: Uint8Array;
}

/** Why the kernel gives no report. */
export class TsmError extends Error {}

/**
 * A report with these 64 bytes of ours in it.
 * @param folder the kernel's, or a plain one in tests
 * @param name of the entry in it, which goes again afterwards
 * @throws {TsmError} in words for the machine's owner
 */
export async function readTsmReport(
  data: Uint8Array,
  folder: string = tsmFolder,
  name = `aegis-${randomBytes(8).toString("hex")}`,
): Promise<TsmReport> {
  const entry = join(folder, name);
  await makeEntry(entry, folder);
  try {
    return await ask(entry, data);
  } catch (error) {
    throw error instanceof TsmError ? error : new TsmError(`the kernel gives no report: ${String(error)}`);
  } finally {
    await rmdir(entry).catch(() => undefined); // a plain folder with files stays
  }
}

async function makeEntry(entry: string, folder: string): Promise<void> {
  try {
    await mkdir(entry);
  } catch (error) {
    if (hasCode(error, "EEXIST")) return;
    if (hasCode(error, "ENOENT")) throw new TsmError(`there is no ${folder}`);
    if (hasCode(error, "EACCES") || hasCode(error, "EPERM")) throw new TsmError(`nobody but root may use ${folder}`);
    throw new TsmError(`the kernel makes no entry in ${folder}: ${String(error)}`);
  }
}

async function ask(entry: string, data: Uint8Array): Promise<TsmReport> {
  const given = (await readFile(join(entry, "provider"), "utf8")).trim();
  if (given !== provider)
    throw new TsmError(`the module is ${given}, and only ${provider} (AMD SEV-SNP) is understood`);
  for (let tries = 0; tries < mostTries; tries++) {
    await writeFile(join(entry, "inblob"), data);
    const before = await generation(entry);
    const report = await readFile(join(entry, "outblob"));
    const table = await readTable(entry);
    if ((await generation(entry)) === before) return { report, table };
  }
  throw new TsmError("somebody else keeps changing the entry that the report is asked of");
}

async function generation(entry: string): Promise<string> {
  return (await readFile(join(entry, "generation"), "utf8")).trim();
}

/** Older kernels, and hosts that give no certificates, have none. */
async function readTable(entry: string): Promise<Uint8Array> {
  try {
    return await readFile(join(entry, "auxblob"));
  } catch (error) {
    if (hasCode(error, "ENOENT")) return new Uint8Array(0);
    throw error;
  }
}
