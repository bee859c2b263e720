import { effectiveAt, payoutChange, type Signed, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import type { PayoutNow } from "../services/payouts.js";
import { openAsked } from "./accounts.js";
import { Base64, HexKey, parseCborText } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

const Address = Type.String({ pattern: "^[0-9a-f]{40}$", description: "20 bytes; zeros: none" });
const time = { description: "ms since 1970" };
const Payout = Type.Object({
  address: Address,
  sequence: Type.Integer({ description: "Of the last change; the next must have one more" }),
  pending: Type.Optional(
    Type.Object({ address: Address, askedAt: Type.Integer(time), effectiveAt: Type.Integer(time) }),
  ),
  logIndex: Type.Optional(Type.Integer({ description: "Where the log has the last change's SHA-256" })),
});

/** Where earnings go on chain: their operators alone change and see it. */
export function payoutRoutes(app: PoolHttp, services: PoolServices): void {
  const { payouts } = services;
  const change = { body: Type.Object({ change: Base64(1_024) }), response: { 201: Payout } };
  app.post("/v1/accounts/payout", { schema: change }, async ({ body }, reply) => {
    const asked = openAsked(services, payoutChange, body.change);
    await payouts.change(asked, parseCborText(body.change) as Signed);
    return reply.status(201).send(payoutJson(await payouts.of(asked.account)));
  });
  const own = { params: Type.Object({ key: HexKey }), response: { 200: Payout } };
  app.get("/v1/accounts/operator/:key/payout", { schema: own }, async ({ raw, params }) =>
    payoutJson(await payouts.of(requireAccountKey(raw, params.key, services))),
  );
}

function payoutJson({ address, sequence, pending, logIndex }: PayoutNow) {
  return {
    ...{ address, sequence },
    ...(pending && {
      pending: { address: pending.address, askedAt: pending.askedAt, effectiveAt: effectiveAt(pending) },
    }),
    ...(logIndex !== undefined && { logIndex }),
  };
}
