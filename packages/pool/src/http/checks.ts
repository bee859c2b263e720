import { Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { checksOf, checkVerdicts } from "../store/trust-rows.js";
import { HexKey } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Checks in one answer. */
const checksPerAnswer = 500;

const CheckLine = Type.Object({
  agent: HexKey,
  engine: Type.String(),
  number: Type.Integer({ description: "The task, as this agent knew it" }),
  verdict: Type.Enum(checkVerdicts),
  runs: Type.Integer({ description: "How many operators ran the task" }),
  valid: Type.Integer({ description: "Valid results in a row from then on" }),
  at: Type.Integer({ description: "ms since 1970" }),
});

/** What came of checks of an operator's agents' results, the newest first. */
export function checkRoutes(app: PoolHttp, services: PoolServices): void {
  const schema = {
    params: Type.Object({ key: HexKey }),
    response: { 200: Type.Object({ checks: Type.Array(CheckLine) }) },
  };
  app.get("/v1/accounts/operator/:key/checks", { schema }, async ({ params, raw }) => {
    requireAccountKey(raw, params.key, services);
    return { checks: await checksOf(services.database, params.key, checksPerAnswer) };
  });
}
