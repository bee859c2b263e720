import { createReadStream } from "node:fs";
import {
  AegisError,
  EpochVerifier,
  fromCbor,
  isEpochRefusal,
  type EpochRefusal,
  type Signed,
  type VerifiedEpoch,
} from "@aegis-pool/core";
import { evmPrimitives, hasCode, primitives } from "@aegis-pool/platform";
import type { PoolClient } from "./pool-client/pool-client.js";

/** An epoch that a pool has closed. */
export interface EpochListed {
  readonly number: number;
  /** base64url of the CBOR of its signed statement. */
  readonly statement: string;
  readonly logIndex: number;
}

/** Epochs that are closed, and how the one that runs is reckoned. */
export interface EpochsNow {
  /** nAIS per SCU-second: offers count up to a part above it. */
  readonly referencePrice: number;
  readonly epochMs: number;
  /** The newest first, a hundred at most. */
  readonly epochs: readonly EpochListed[];
}

/** A file of ten million lines is 2 GB. */
const mostFileBytes = 4 * 1024 ** 3;
/** Ids of all lines are kept: a set has room for no more than 16.7 million. */
const mostLines = 15_000_000;
/** The longest line is a header, of less than a kilobyte. */
const mostLineBytes = 4_096;

export async function listEpochs(client: PoolClient): Promise<EpochsNow> {
  return (await client.getJson("/v1/epochs")) as EpochsNow;
}

/** Writes an epoch's public file to the new file at `path`. @throws {AegisError} `not-found`; `epoch-refused` where it is larger than any */
export async function downloadEpoch(client: PoolClient, number: number, path: string): Promise<void> {
  await client.save(`/v1/epochs/${number}`, path, { maxBytes: mostFileBytes, tooLarge });
}

/**
 * Recomputes an epoch from its public file, without asking anybody.
 * @param pool the key that must have signed it; undefined: the one that the file names
 * @param previous the epoch before it, where that is known
 * @throws {AegisError} `epoch-refused` that says what is wrong, and in which line; `bad-argument` where the file cannot be read
 */
export async function verifyEpochFile(
  path: string,
  { pool, previous }: { readonly pool?: Uint8Array | undefined; readonly previous?: VerifiedEpoch | undefined } = {},
): Promise<VerifiedEpoch> {
  const verifier = new EpochVerifier({ ...primitives, ...evmPrimitives }, previous);
  let signed: Signed | undefined;
  let lines = 0;
  for await (const text of linesOf(path)) {
    if (++lines > mostLines) throw epochRefused({ mismatch: "line", line: lines });
    if (signed) throw epochRefused({ mismatch: "line", line: lines }); // nothing comes after the statement
    signed = statementIn(text);
    if (!signed && !verifier.take(text)) break;
  }
  const verified = verifier.end(signed, pool);
  if (isEpochRefusal(verified)) throw epochRefused(verified);
  return verified;
}

/** The pool's signed statement, in a file's last line. */
export function statementIn(text: string): Signed | undefined {
  const encoded = /^\{"statement":"([\w-]+)"\}$/.exec(text)?.[1];
  if (encoded === undefined) return undefined;
  try {
    const { body, signature } = fromCbor(Buffer.from(encoded, "base64url")) as Signed;
    return body instanceof Uint8Array && signature instanceof Uint8Array ? { body, signature } : undefined;
  } catch {
    return undefined; // then it is no line either
  }
}

/** Lines of a file, whatever is in it: none is longer than a line can be. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = "";
  try {
    for await (const piece of createReadStream(path, "latin1")) {
      const lines = (rest + String(piece)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
      if (rest.length > mostLineBytes) break;
    }
  } catch (cause) {
    const why = hasCode(cause, "ENOENT") ? "there is no such file" : "it cannot be read";
    throw new AegisError({
      code: "bad-argument",
      message: `${path}: ${why}.`,
      next: "Name the file of an epoch.",
      cause,
    });
  }
  if (rest) yield rest.slice(0, mostLineBytes);
}

/** Why a file is not what a pool has signed. */
export function epochRefused({ mismatch, line }: EpochRefusal): AegisError {
  return new AegisError({
    code: "epoch-refused",
    message: `The epoch is refused: ${words[mismatch]}${line > 0 ? `, in line ${line}` : ""} [${mismatch}].`,
    next: "See docs/errors/epoch-refused.md; fetch it again, and keep what the pool has signed.",
  });
}

const tooLarge = () => epochRefused({ mismatch: "line", line: 0 });

const words: Readonly<Record<EpochRefusal["mismatch"], string>> = {
  line: "a line cannot be read or stands where it must not, or the file is cut",
  doubled: "something is paid twice",
  header: "its times or its budget do not follow from its parameters",
  signature: "the pool has not signed it",
  root: "it is not the file that the pool has signed",
  availability: "what is issued does not follow from its units and the budget",
  work: "a task's pay is not its work at its price, less the fee",
  operator: "what an operator has earned or was paid out is not the sum of its lines",
  claims: "what an address can claim is not the sum of what was paid out to it, or is not in the tree that was signed",
  previous: "it does not follow the epoch before",
};
