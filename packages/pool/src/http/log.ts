import { AegisError } from "@aegis-pool/core";
import { Type } from "typebox";
import type { PoolServices } from "../services/index.js";
import { toBase64 } from "./base64.js";
import type { PoolHttp } from "./server.js";

const Position = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** The append-only log: its entries, and proofs that they are there and that nothing was taken away. The head is in every response. */
export function logRoutes(app: PoolHttp, { transparency }: PoolServices): void {
  app.get(
    "/v1/log/entries",
    {
      schema: {
        querystring: Type.Object({
          start: Position,
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000 })),
        }),
      },
    },
    async ({ query }) => ({ entries: (await transparency.entries(query.start, query.limit ?? 100)).map(toBase64) }),
  );
  app.get("/v1/log/inclusion", { schema: { querystring: Type.Object({ index: Position }) } }, async ({ query }) => {
    requireWithin(query.index, transparency.size - 1);
    return { size: transparency.size, proof: transparency.inclusion(query.index).map(toBase64) };
  });
  app.get("/v1/log/consistency", { schema: { querystring: Type.Object({ size: Position }) } }, async ({ query }) => {
    requireWithin(query.size, transparency.size);
    return { size: transparency.size, proof: transparency.consistency(query.size).map(toBase64) };
  });
}

function requireWithin(value: number, most: number): void {
  if (value <= most) return;
  throw new AegisError({
    code: "bad-argument",
    message: `The log does not reach ${value}; the largest value now is ${most}.`,
    next: "Ask for an index or size below the log's own, which every response's head states.",
  });
}
