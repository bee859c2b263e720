import { disputeStatement, revealContent, signStatement, toCbor, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { PoolClient } from "../pool-client/pool-client.js";
import { type JobContext, taskKeys } from "./seal-task.js";

/** What a pool makes of a dispute at once; `open`: others run the task now; `right`, `wrong`: a product, which it has checked itself. */
export type DisputeAnswer = "contradicted" | "open" | "right" | "wrong";

/** Shows the pool a task's content key, and no other of the job's, and disputes its result. */
export async function openDispute(client: PoolClient, job: JobContext, number: number): Promise<DisputeAnswer> {
  const { signer } = job.secret;
  const shown = revealContent(taskKeys(job.secret, number, job.shared !== undefined), primitives);
  const statement = { number, job: signer.publicKey, pool: client.key, ...shown, signedAt: Date.now() };
  const signed = toCbor(signStatement(disputeStatement, statement, signer));
  const path = `/v1/jobs/${toHex(signer.publicKey)}/disputes`;
  const body = { dispute: Buffer.from(signed).toString("base64url") };
  const answer = await client.postJson(path, body, { authorization: client.authorization(signer, "POST", path) });
  return (answer as { verdict: DisputeAnswer }).verdict;
}
