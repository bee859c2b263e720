import {
  AegisError,
  equalBytes,
  fromCbor,
  fromHex,
  jobRequest,
  openStatement,
  protocolLimits,
  SignedSchema,
} from "@aegis-pool/core";
import type { IncomingMessage } from "node:http";
import { Check } from "typebox/value";
import type { PoolServices } from "../services/index.js";
import { fromBase64 } from "./base64.js";

const scheme = "Aegis ";

/**
 * Checks that a request is signed by the key of the job it is about: `authorization: Aegis <base64url of a signed
 * job-request>`, over method, path and time. It proves nothing about who holds the key.
 * @returns the job's key
 * @throws {AegisError} `bad-signature`
 */
export function requireJobKey(request: IncomingMessage, job: string, services: PoolServices): Uint8Array {
  const key = fromHex(job);
  const header = request.headers.authorization ?? "";
  const signed = header.startsWith(scheme) ? parse(header.slice(scheme.length)) : undefined;
  if (!key || !Check(SignedSchema, signed)) throw badAccess("carries no job-request");
  const statement = openStatement(jobRequest, signed, key, services.primitives);
  if (!statement || !equalBytes(statement.job, key)) throw badAccess("is not signed by the job's key");
  if (!equalBytes(statement.pool, services.signer.publicKey)) throw badAccess("is signed for another pool");
  if (statement.method !== request.method || statement.path !== request.url) {
    throw badAccess("is signed for another path");
  }
  const age = Math.abs(services.clock() - statement.signedAt);
  if (age > protocolLimits.clockSkewMs) throw badAccess(`was signed ${Math.round(age / 1_000)} s from now`);
  return key;
}

function parse(text: string): unknown {
  try {
    return fromCbor(fromBase64(text));
  } catch {
    return undefined;
  }
}

function badAccess(why: string): AegisError {
  return new AegisError({
    code: "bad-signature",
    message: `The request ${why}.`,
    next: "Sign each request with the job's key; if the clocks differ by more than two minutes, set yours.",
  });
}
