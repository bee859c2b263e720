import { AegisError, Check, fromHex, type Static, toHex, Type } from "@aegis-pool/core";
import { createAtomically, type StoredSigner, signerFromPem } from "@aegis-pool/platform";
import { planBytes, readPlan } from "./plan.js";
import { unreadable } from "./refusals.js";
import { readBounded } from "./trainer/bounded-file.js";

/** What everybody in a run knows of it. */
export interface RunReference {
  readonly pool: { readonly url: string; /** Ed25519. */ readonly key: Uint8Array };
  /** SHA-256 of its signed terms' body. */
  readonly run: Uint8Array;
  /** As `writePlan` makes it; its hash is in the terms. */
  readonly plan: Uint8Array;
}

/** A place in a run. Whoever has it can take it: it is a secret until then. */
export interface Invitation extends RunReference {
  readonly seat: StoredSigner;
}

/** What a run's owner keeps of it: whoever has it can start the run and take back what was set aside for it. */
export interface OwnedRun extends RunReference {
  readonly key: StoredSigner;
}

/** Bytes of such a file at most: a plan in base64, and a few hundred for the rest. */
const fileBytes = Math.ceil(planBytes / 3) * 4 + 4_096;

const Hex32 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const reference = {
  version: Type.Literal(1),
  pool: Type.Object({ url: Type.String({ maxLength: 2_048 }), key: Hex32 }, { additionalProperties: false }),
  run: Hex32,
  plan: Type.String({ pattern: "^[A-Za-z0-9_-]+$" }),
  /** PKCS #8 PEM. */
  key: Type.String({ maxLength: 1_024 }),
};
const formats = {
  invitation: "aegis-federated-invitation",
  "owner's file": "aegis-federated-run",
} as const;
type FileKind = keyof typeof formats;
const RunFile = Type.Object(
  { format: Type.Enum([...Object.values(formats)]), ...reference },
  { additionalProperties: false },
);
type RunFile = Static<typeof RunFile>;

/** Writes an invitation to a new file that its owner alone may read. @throws {AegisError} `bad-argument` where there is a file, `disk-full` */
export function saveInvitation(path: string, invitation: Invitation): Promise<void> {
  return save(path, "invitation", invitation, invitation.seat);
}

/** The same for the owner's file. */
export function saveOwnedRun(path: string, owned: OwnedRun): Promise<void> {
  return save(path, "owner's file", owned, owned.key);
}

/** The invitation in a file, whoever sent it. @throws {AegisError} `key-unreadable` */
export async function openInvitation(path: string): Promise<Invitation> {
  const { key, ...known } = await openFile(path, "invitation");
  return { ...known, seat: key };
}

/** The run in its owner's file. @throws {AegisError} `key-unreadable` */
export function openOwnedRun(path: string): Promise<OwnedRun> {
  return openFile(path, "owner's file");
}

/** The run that either kind of file is about. @throws {AegisError} `key-unreadable` */
export async function openReference(path: string): Promise<RunReference> {
  const { pool, run, plan } = await openFile(path, undefined);
  return { pool, run, plan };
}

async function save(path: string, kind: FileKind, known: RunReference, signer: StoredSigner): Promise<void> {
  const file: RunFile = {
    format: formats[kind],
    version: 1,
    pool: { url: known.pool.url, key: toHex(known.pool.key) },
    run: toHex(known.run),
    plan: Buffer.from(known.plan).toString("base64url"),
    key: signer.exportPem(),
  };
  if (await createAtomically(path, `${JSON.stringify(file, null, 2)}\n`)) return;
  throw new AegisError({
    code: "bad-argument",
    message: `There is a file ${path} already.`,
    next: "Name another, or move that one away.",
  });
}

async function openFile(path: string, kind: FileKind | undefined): Promise<OwnedRun> {
  const what = kind ?? "invitation or owner's file";
  const bytes = await readBounded(path, fileBytes);
  if (typeof bytes === "string") throw unreadable(path, what, bytes);
  const file = parse(bytes);
  if (!file) throw unreadable(path, what, "it has another form");
  if (kind && file.format !== formats[kind]) throw unreadable(path, what, `it is an ${file.format}`);
  const key = signerFromPem(file.key);
  const plan = new Uint8Array(Buffer.from(file.plan, "base64url"));
  if (key?.publicKey.length !== 32) throw unreadable(path, what, "it holds no Ed25519 key");
  if (!readPlan(plan)) throw unreadable(path, what, "it holds no plan that is known here");
  return { pool: { url: file.pool.url, key: bytesOf(file.pool.key) }, run: bytesOf(file.run), plan, key };
}

function parse(bytes: Uint8Array): RunFile | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return Check(RunFile, value) ? value : undefined;
  } catch {
    return undefined; // neither UTF-8 nor JSON
  }
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}
