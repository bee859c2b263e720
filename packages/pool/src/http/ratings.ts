import { Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { ratingsOf } from "../store/rating-rows.js";
import { HexKey } from "./base64.js";
import type { PoolHttp } from "./server.js";

/** Ratings in one answer. */
const most = 100;

const Rating = Type.Object({
  agent: HexKey,
  ratedAt: Type.Integer({ description: "ms since 1970" }),
  reason: Type.String({ description: "proven; observed: real work has changed it; or why nothing is proven" }),
  class: Type.Enum(["cpu", "webgpu"]),
  slots: Type.Integer(),
  fp32: Type.Integer({ description: "Proven operations per second, all slots together" }),
  fp16: Type.Union([Type.Integer(), Type.Null()], { description: "The same of FP16 products, where there are any" }),
  memory: Type.Integer({ description: "Claimed bytes per second, all slots together" }),
  provenAt: Type.Integer({ description: "When these rates were proven, ms since 1970; 0: none are" }),
  slotSpeed: Type.Integer({ description: "µSCU of one slot; 0: no work until a speed is proven" }),
  expiresAt: Type.Integer({ description: "ms since 1970" }),
});

/** What an agent's speed counted for, from when, and why: open to all, as the log of agents is. */
export function ratingRoutes(app: PoolHttp, { database }: PoolServices): void {
  const schema = {
    params: Type.Object({ agent: HexKey }),
    response: { 200: Type.Object({ ratings: Type.Array(Rating) }) },
  };
  app.get("/v1/agents/:agent/ratings", { schema }, async ({ params }) => ({
    ratings: await ratingsOf(database, params.agent, most),
  }));
}
