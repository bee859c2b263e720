import { batchLimits, equalBytes, protocolLimits, reservation, toHex, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { openAsked } from "./accounts.js";
import { badMessage, Base64, fromBase64, HexKey } from "./base64.js";
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

/** Submission of tasks, what pays for them, and the state of a job. A job is named by its one-time key and begins with its first task. */
export function jobRoutes(app: PoolHttp, services: PoolServices): void {
  const { administration, market, metrics, retention } = services;
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
      administration.requireOpen();
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
    const released = String(await market.funds.giveBack(job));
    market.board.forget(job);
    return { job: job.id, counts: job.counts, released };
  });
  app.post("/v1/jobs/:job/delete", { schema: { params } }, async (request) => {
    const job = await market.jobs.open(requireJobKey(request.raw, request.params.job, services));
    const deleted = await retention.deleteJob(job).finally(() => market.board.forget(job));
    return { job: job.id, deleted };
  });
  const reserved = {
    params,
    body: Type.Object({ reservation: Base64(1_024) }),
    response: { 201: Type.Object({ free: Type.String({ description: "nAIS that the job has for further tasks" }) }) },
  };
  app.post("/v1/jobs/:job/reserve", { schema: reserved }, async (request, reply) => {
    const key = requireJobKey(request.raw, request.params.job, services);
    const asked = openAsked(services, reservation, request.body.reservation);
    if (!equalBytes(asked.job, key)) throw badMessage("The reservation is for another job.");
    administration.requireOpen();
    administration.requireNotBanned("requester", toHex(asked.account));
    return reply.status(201).send({ free: String(await market.funds.reserve(asked)) });
  });
  app.post("/v1/jobs/:job/release-funds", { schema: { params } }, async (request) => {
    const job = await market.jobs.open(requireJobKey(request.raw, request.params.job, services));
    const released = String(await market.funds.giveBack(job));
    market.board.forget(job);
    return { job: job.id, released };
  });
}
