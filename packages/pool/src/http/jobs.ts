import { batchLimits, protocolLimits } from "@aegis-pool/core";
import { Type } from "typebox";
import type { PoolServices } from "../services/index.js";
import { Base64, fromBase64, HexKey } from "./base64.js";
import { requireJobKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

const Submission = Type.Object({
  tasks: Type.Array(
    Type.Object({
      manifest: Base64(8_192),
      signature: Base64(batchLimits.signatureBytes),
      input: Type.Optional(Base64(protocolLimits.inlineBytes)),
    }),
    { minItems: 1, maxItems: protocolLimits.tasksPerSubmission },
  ),
});

const params = Type.Object({ job: HexKey });

/** Submission of tasks, and the state of a job. A job is named by its one-time key and begins with its first task. */
export function jobRoutes(app: PoolHttp, services: PoolServices): void {
  const { market, metrics } = services;
  app.post(
    "/v1/jobs/:job/tasks",
    {
      schema: {
        params,
        body: Submission,
        response: { 201: Type.Object({ queued: Type.Integer(), taken: Type.Array(Type.Integer()) }) },
      },
    },
    async (request, reply) => {
      const tasks = request.body.tasks.map(({ manifest, signature, input }) => ({
        manifest: { body: fromBase64(manifest), signature: fromBase64(signature) },
        input: input === undefined ? undefined : fromBase64(input),
      }));
      const { queued, taken } = await market.submissions.submit(request.params.job, tasks);
      metrics.submitted.inc(queued);
      return reply.status(201).send({ queued, taken });
    },
  );
  app.get("/v1/jobs/:job", { schema: { params } }, async (request) => {
    const job = await market.jobs.open(requireJobKey(request.raw, request.params.job, services));
    const { counts, releaser } = job;
    market.board.forget(job);
    return { job: job.id, counts, releaserConnected: releaser !== undefined };
  });
  app.post("/v1/jobs/:job/cancel", { schema: { params } }, async (request) => {
    const job = await market.jobs.open(requireJobKey(request.raw, request.params.job, services));
    market.jobs.cancel(job);
    market.board.forget(job);
    return { job: job.id, counts: job.counts };
  });
}
