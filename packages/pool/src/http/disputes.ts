import { Check, disputeStatement, equalBytes, openStatement, SignedSchema, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { badMessage, Base64, HexKey, parseCborText } from "./base64.js";
import { requireFresh, requireJobKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** A requester disputes the result of one task of a job, and shows that task's content key. */
export function disputeRoutes(app: PoolHttp, services: PoolServices): void {
  const schema = {
    params: Type.Object({ job: HexKey }),
    body: Type.Object({ dispute: Base64(1_024) }),
    response: { 201: Type.Object({ verdict: Type.Enum(["contradicted", "open", "right", "wrong"]) }) },
  };
  app.post("/v1/jobs/:job/disputes", { schema }, async ({ raw, params, body }, reply) => {
    const key = requireJobKey(raw, params.job, services);
    const signed = parseCborText(body.dispute);
    if (!Check(SignedSchema, signed)) throw badMessage("The dispute cannot be read.");
    const statement = openStatement(disputeStatement, signed, key, services.primitives);
    const isOwn = statement && equalBytes(statement.job, key) && equalBytes(statement.pool, services.signer.publicKey);
    if (!statement || !isOwn) throw badMessage("The dispute is not signed by its job's key for this pool.");
    requireFresh(statement.signedAt, services);
    const { jobs, board } = services.market;
    const release = board.hold(await jobs.open(key));
    try {
      return await reply.status(201).send({ verdict: await services.disputes.open(board.job(key), statement, signed) });
    } finally {
      release();
    }
  });
}
