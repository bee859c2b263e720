import { AegisError, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import type { SettlementStatus } from "../services/settlement/settlement.js";
import type { PoolHttp } from "./server.js";

const Address = Type.String({ description: "0x and 40 hexadecimal digits" });
const BlockNumber = Type.Integer({ minimum: 0 });
const Standing = Type.Object({
  chainId: Type.Integer(),
  distributor: Address,
  deposits: Address,
  token: Address,
  confirmations: Type.Integer({ description: "Blocks on top of one before its deposits are credited" }),
  safeBlock: Type.Optional(BlockNumber),
  head: Type.Optional(BlockNumber),
  credited: Type.Integer({ description: "Deposits, all of those up to the safe block" }),
  problem: Type.Optional(
    Type.Object({
      what: Type.String({ description: "unreachable, nonsense, behind, incomplete, reorganised or unfit" }),
      message: Type.String(),
    }),
  ),
});

/** `/v1/settlement`: which chain the pool settles on, and how far it has read. */
export function settlementRoutes(app: PoolHttp, { settlement }: PoolServices): void {
  app.get("/v1/settlement", { schema: { response: { 200: Standing } } }, async () => {
    if (settlement) return shown(settlement.status);
    throw new AegisError({
      code: "not-found",
      message: "This pool settles on no chain.",
      next: "Start it with --chain and --deposits, or ask another pool.",
    });
  });
}

function shown({ safeBlock, head, problem, ...rest }: SettlementStatus) {
  const known = { ...(safeBlock !== undefined && { safeBlock }), ...(head !== undefined && { head }) };
  return { ...rest, ...known, ...(problem && { problem }) };
}
