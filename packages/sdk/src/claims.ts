import {
  type AddressLine,
  ClaimsTree,
  epochStatement,
  equalBytes,
  fromHex,
  openStatement,
  readEpochLine,
  toHex,
} from "@aegis-pool/core";
import { evmPrimitives, primitives } from "@aegis-pool/platform";
import { epochRefused, statementIn, verifyEpochFile } from "./epochs.js";
import type { PoolClient } from "./pool-client/pool-client.js";

/** What each address can claim on chain by the end of an epoch, as its pool has signed it. */
export interface EpochClaims {
  readonly epoch: number;
  /** The pool's key in hexadecimal. */
  readonly pool: string;
  /** Of the tree; 32 zero bytes while nothing was paid out. */
  readonly root: Uint8Array;
  /** nAIS of all addresses together. */
  readonly total: bigint;
  /** nAIS by address, 40 hexadecimal digits. */
  readonly claimable: ReadonlyMap<string, bigint>;
  /** undefined while nothing was paid out. */
  readonly tree: ClaimsTree | undefined;
}

/** Two million addresses. */
const mostClaimsBytes = 256 * 1024 ** 2;

/**
 * What addresses can claim by the end of an epoch, without the rows of its tasks: the tree is made here, and must be the one that the pool has signed.
 * @throws {AegisError} `not-found` where the epoch is not closed, `epoch-refused`
 */
export async function downloadClaims(client: PoolClient, epoch: number): Promise<EpochClaims> {
  const bound = { maxBytes: mostClaimsBytes, tooLarge: () => epochRefused({ mismatch: "claims", line: 0 }) };
  const text = (await client.getText(`/v1/epochs/${epoch}/claims`, bound)).trimEnd();
  const last = text.lastIndexOf("\n") + 1;
  const signed = statementIn(text.slice(last));
  const statement = signed && openStatement(epochStatement, signed, client.key, primitives);
  if (statement?.epoch !== epoch) throw epochRefused({ mismatch: "signature", line: 0 });
  const claimable = claimableIn(text.slice(0, Math.max(0, last - 1)));
  const claims = claimsOf(claimable);
  const total = String(claims.total);
  if (!equalBytes(claims.root, statement.claims) || total !== statement.claimable) {
    throw epochRefused({ mismatch: "claims", line: 0 });
  }
  return { epoch, pool: toHex(client.key), ...claims };
}

/** The same from an epoch's whole file, which is verified: no pool is asked. @throws {AegisError} `epoch-refused`, `bad-argument` */
export async function claimsOfFile(path: string, pool: Uint8Array | undefined): Promise<EpochClaims> {
  const { header, totals } = await verifyEpochFile(path, { pool });
  return { epoch: header.epoch, pool: header.pool, ...claimsOf(totals.claimable) };
}

/** Line by line, up to the first that is none: there may be as many as there are characters. */
function claimableIn(text: string): Map<string, bigint> {
  const claimable = new Map<string, bigint>();
  for (let at = 0, line = 1; at < text.length; line++) {
    const end = text.indexOf("\n", at);
    const { address, claimable: amount } = addressIn(text.slice(at, end === -1 ? text.length : end), line);
    claimable.set(address, BigInt(amount));
    at = end === -1 ? text.length : end + 1;
  }
  return claimable;
}

function addressIn(text: string, line: number): AddressLine {
  const read = readEpochLine(text);
  if (read?.kind === "address") return read.row;
  throw epochRefused({ mismatch: "line", line });
}

function claimsOf(claimable: ReadonlyMap<string, bigint>): Pick<EpochClaims, "root" | "total" | "claimable" | "tree"> {
  const earnings = [...claimable].map(([address, amount]) => ({ address: fromHex(address) ?? noBytes, amount }));
  const made = ClaimsTree.of(earnings, evmPrimitives);
  const tree = "refused" in made ? undefined : made;
  const total = earnings.reduce((sum, { amount }) => sum + amount, 0n);
  return { root: tree?.root ?? new Uint8Array(32), total, claimable, tree };
}

const noBytes = new Uint8Array(0);
