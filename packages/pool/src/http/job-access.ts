import {
  accountRequest,
  type AccountRequest,
  AegisError,
  Check,
  equalBytes,
  fromHex,
  jobRequest,
  type JobRequest,
  openStatement,
  protocolLimits,
  SignedSchema,
  type StatementKind,
} from "@aegis-pool/core";
import type { IncomingMessage } from "node:http";
import type { PoolServices } from "../services/index.js";
import { parseCborText } from "./base64.js";

const scheme = "Aegis ";

/**
 * Checks that a request is signed by the key of the job it is about: `authorization: Aegis <base64url of a signed
 * job-request>`, over method, path and time. It proves nothing about who holds the key.
 * @returns the job's key
 * @throws {AegisError} `bad-signature`
 */
export function requireJobKey(request: IncomingMessage, job: string, services: PoolServices): Uint8Array {
  return requireKey(request, services, { key: job, kind: jobRequest, keyIn: (statement) => statement.job });
}

/**
 * The same for an account's key and an account-request.
 * @returns the account's key
 * @throws {AegisError} `bad-signature`
 */
export function requireAccountKey(request: IncomingMessage, account: string, services: PoolServices): Uint8Array {
  return requireKey(request, services, { key: account, kind: accountRequest, keyIn: (statement) => statement.account });
}

interface Access<T> {
  /** In hexadecimal. */
  readonly key: string;
  readonly kind: StatementKind<T>;
  readonly keyIn: (statement: T) => Uint8Array;
}

function requireKey<T extends JobRequest | AccountRequest>(
  request: IncomingMessage,
  services: PoolServices,
  { key: hex, kind, keyIn }: Access<T>,
): Uint8Array {
  const key = fromHex(hex);
  const header = request.headers.authorization ?? "";
  const signed = header.startsWith(scheme) ? parseCborText(header.slice(scheme.length)) : undefined;
  if (!key || !Check(SignedSchema, signed)) throw badAccess(`carries no ${kind.label}`);
  const statement = openStatement(kind, signed, key, services.primitives);
  if (!statement || !equalBytes(keyIn(statement), key)) throw badAccess("is not signed by the key that it is about");
  if (!equalBytes(statement.pool, services.signer.publicKey)) throw badAccess("is signed for another pool");
  if (statement.method !== request.method || statement.path !== request.url) {
    throw badAccess("is signed for another path");
  }
  requireFresh(statement.signedAt, services);
  return key;
}

/** @throws {AegisError} `bad-signature` where the clocks of whoever signed and of the pool differ too much */
export function requireFresh(signedAt: number, { clock }: Pick<PoolServices, "clock">): void {
  const age = Math.abs(clock() - signedAt);
  if (age > protocolLimits.clockSkewMs) throw badAccess(`was signed ${Math.round(age / 1_000)} s from now`);
}

function badAccess(why: string): AegisError {
  return new AegisError({
    code: "bad-signature",
    message: `The request ${why}.`,
    next: "Sign each request with the key of the job or account; if the clocks differ by more than two minutes, set yours.",
  });
}
