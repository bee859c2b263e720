import { engineNames, EngineSchema, lendsEngine, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { HexKey } from "./base64.js";
import type { PoolHttp } from "./server.js";

const PoolDescription = Type.Object({
  name: Type.Literal("aegis-pool"),
  protocol: Type.Literal(1),
  key: HexKey,
  testMoney: Type.Boolean({ description: "Whether anybody may have money to play with, for asking" }),
  agents: Type.Integer(),
  offers: Type.Array(
    Type.Object({
      engine: EngineSchema,
      slots: Type.Integer({ description: "Tasks that run at the same time, all agents together" }),
      speed: Type.Integer({ description: "Of one slot, in µSCU, the mean over slots" }),
      floorPrice: Type.String({ description: "The lowest, in nAIS per SCU-second" }),
    }),
  ),
});

/** `/v1/pool`, `/healthz`, `/metrics`, `/openapi.json`: what the pool is, and how it is. */
export function poolRoutes(app: PoolHttp, services: PoolServices): void {
  app.get("/v1/pool", { schema: { response: { 200: PoolDescription } } }, async () => describePool(services));
  app.get("/healthz", async () => {
    await services.database.query("SELECT 1");
    return { status: "ok" };
  });
  app.get("/metrics", async (_request, reply) => {
    reply.type(services.metrics.registry.contentType);
    return services.metrics.registry.metrics();
  });
  app.get("/openapi.json", { schema: { hide: true } }, async () => app.swagger());
}

function describePool({ signer, market, ledger }: PoolServices) {
  const sessions = [...market.sessions.values()];
  const offers = engineNames.flatMap((engine) => {
    const offering = sessions.filter(({ offer, slotSpeed }) => lendsEngine(offer, engine) && slotSpeed > 0);
    if (offering.length === 0) return [];
    const slots = offering.reduce((sum, { offer }) => sum + offer.slots, 0);
    const speed = offering.reduce((sum, { offer, slotSpeed }) => sum + offer.slots * slotSpeed, 0) / slots;
    const floors = offering.map(({ offer }) => BigInt(offer.floorPrice));
    const floorPrice = floors.reduce((lowest, floor) => (floor < lowest ? floor : lowest));
    return [{ engine, slots, speed: Math.round(speed), floorPrice: String(floorPrice) }];
  });
  const key = Buffer.from(signer.publicKey).toString("hex");
  const { testMoney } = ledger;
  return { name: "aegis-pool" as const, protocol: 1 as const, key, testMoney, agents: sessions.length, offers };
}
