import { Check, fromBase64Url, fromHex, type Static, toBase64Url, toHex, Type } from "@aegis-pool/core";
import { type StoredSigner, signerFromPem } from "@aegis-pool/platform";
import { planBytes, readPlan } from "./plan.js";
import { unreadable } from "./refusals.js";

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

/** Bytes of its text at most: a plan in base64, and a few hundred for the rest. */
export const runTextBytes = Math.ceil(planBytes / 3) * 4 + 4_096;

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
export type RunTextKind = keyof typeof formats;
const RunText = Type.Object(
  { format: Type.Enum([...Object.values(formats)]), ...reference },
  { additionalProperties: false },
);
type RunText = Static<typeof RunText>;

/** A run with one secret key, as text for a file. */
export function writeRunText(kind: RunTextKind, known: RunReference, signer: StoredSigner): string {
  const text: RunText = {
    format: formats[kind],
    version: 1,
    pool: { url: known.pool.url, key: toHex(known.pool.key) },
    run: toHex(known.run),
    plan: toBase64Url(known.plan),
    key: signer.exportPem(),
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}

/**
 * The run in the bytes of such a file, whoever sent them.
 * @param name of the file, for errors
 * @param kind undefined: either
 * @throws {AegisError} `key-unreadable`
 */
export function readRunText(bytes: Uint8Array, name: string, kind: RunTextKind | undefined): OwnedRun {
  const what = kind ?? "invitation or owner's file";
  const text = parse(bytes);
  if (!text) throw unreadable(name, what, "it has another form");
  if (kind && text.format !== formats[kind]) throw unreadable(name, what, `it is an ${text.format}`);
  const key = signerFromPem(text.key);
  const plan = fromBase64Url(text.plan);
  if (key?.publicKey.length !== 32) throw unreadable(name, what, "it holds no Ed25519 key");
  if (!plan || !readPlan(plan)) throw unreadable(name, what, "it holds no plan that is known here");
  return { pool: { url: text.pool.url, key: bytesOf(text.pool.key) }, run: bytesOf(text.run), plan, key };
}

/** The invitation in the bytes of its file, whoever sent them. @param name of the file, for errors @throws {AegisError} `key-unreadable` */
export function readInvitation(bytes: Uint8Array, name: string): Invitation {
  if (bytes.length > runTextBytes) {
    throw unreadable(name, "invitation", `it has ${bytes.length} bytes, more than ${runTextBytes}`);
  }
  const { key, ...known } = readRunText(bytes, name, "invitation");
  return { ...known, seat: key };
}

function parse(bytes: Uint8Array): RunText | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return Check(RunText, value) ? value : undefined;
  } catch {
    return undefined; // neither UTF-8 nor JSON
  }
}

function bytesOf(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}
