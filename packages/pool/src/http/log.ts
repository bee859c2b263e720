import { AegisError, Type } from "@aegis-pool/core";
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
  const Inclusion = Type.Object({ index: Position, size: Position });
  app.get("/v1/log/inclusion", { schema: { querystring: Inclusion } }, async ({ query: { index, size } }) => {
    requireWithin(size, transparency.size);
    requireWithin(index, size - 1);
    return { proof: transparency.inclusion(index, size).map(toBase64) };
  });
  const Consistency = Type.Object({ from: Position, to: Position });
  app.get("/v1/log/consistency", { schema: { querystring: Consistency } }, async ({ query: { from, to } }) => {
    requireWithin(to, transparency.size);
    requireWithin(from, to);
    return { proof: transparency.consistency(from, to).map(toBase64) };
  });
}

function requireWithin(value: number, most: number): void {
  if (value <= most) return;
  throw new AegisError({
    code: "bad-argument",
    message: `${value} is beyond the log or the size asked about; the largest value here is ${most}.`,
    next: "Ask for an index or size below the log's own, which every response's head states.",
  });
}
