import { AegisError } from "@aegis-pool/core";
import type { FastifyBaseLogger } from "fastify";

/** An error as a client sees it. */
export interface ErrorReply {
  readonly status: number;
  readonly body: { readonly error: { readonly code: string; readonly message: string; readonly next: string } };
}

/** The answer to a failed request. What we did not expect is logged here and kept from the client. */
export function toReply(error: unknown, log: FastifyBaseLogger): ErrorReply {
  if (error instanceof AegisError) return reply(error.status, error.code, error.message, error.next);
  const status = clientStatus(error);
  if (status === 413) return reply(413, "too-large", "The request is too large.", "Send it in smaller parts.");
  if (status) return reply(status, "bad-argument", describe(error), "Compare the request with /openapi.json.");
  log.error({ err: error }, "request failed");
  return reply(500, "internal", "The pool failed on this request.", "Try again; the pool's log has the cause.");
}

function reply(status: number, code: string, message: string, next: string): ErrorReply {
  return { status, body: { error: { code, message, next } } };
}

/** The status of an error that Fastify blames on the request, such as a failed validation. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("statusCode" in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === "number" && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 300) : "The request cannot be read.";
}
