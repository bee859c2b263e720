import { AegisError, toCbor } from "@aegis-pool/core";
import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from "fastify";
import type { PoolServices } from "../services/index.js";
import { accountRoutes } from "./accounts.js";
import { adminRoutes } from "./admin.js";
import { checkRoutes } from "./checks.js";
import { disputeRoutes } from "./disputes.js";
import { earningRoutes } from "./earnings.js";
import { agentRoutes } from "./agents.js";
import { badMessage } from "./base64.js";
import { blobRoutes } from "./blobs.js";
import { bondRoutes } from "./bonds.js";
import { allowPages } from "./cross-origin.js";
import { toReply } from "./errors.js";
import { epochRoutes } from "./epochs.js";
import { federatedRoutes } from "./federated.js";
import { jobRoutes } from "./jobs.js";
import { logRoutes } from "./log.js";
import { marketRoutes, whyRoutes } from "./market.js";
import { payoutRoutes } from "./payouts.js";
import { poolRoutes } from "./pool.js";
import { ratingRoutes } from "./ratings.js";
import { settlementRoutes } from "./settlement.js";

/** Largest JSON body, in bytes: 1,000 tasks with small inputs. */
const bodyBytes = 64 * 1024 * 1024;

/** Key and certificate in PEM form. */
export interface TlsFiles {
  readonly key: Buffer;
  readonly cert: Buffer;
}

/** The HTTP application. It logs no request: an address or a path would say who asked for what. */
export async function createHttp(services: PoolServices, log: FastifyBaseLogger, tls: TlsFiles | undefined) {
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyBytes,
    forceCloseConnections: true,
    frameworkErrors: (_error, _request, reply) => {
      const { status, body } = toReply(badMessage("The path cannot be read."), log);
      void showHead(reply as FastifyReply, services)
        .status(status)
        .send(body); // no hook runs for these
    },
    ...(tls && { https: tls }),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as PoolHttp;
  app.addHook("onSend", async (_request, reply) => {
    showHead(reply, services);
  });
  allowPages(app);
  app.setErrorHandler(async (error, request, reply) => {
    const { status, body } = toReply(error, log);
    // what is left of a refused body stands in front of the next request: no client may send one behind it
    if (!request.raw.complete) reply.header("connection", "close");
    return reply.status(status).send(body);
  });
  app.setNotFoundHandler(async (request) => {
    throw new AegisError({
      code: "not-found",
      message: `There is no ${request.method} ${request.url.slice(0, 100)} here.`,
      next: "See /openapi.json for what there is.",
    });
  });
  await app.register(swagger, { openapi: { info: { title: "Aegis Pool", version: "1" } } });
  for (const routes of [
    poolRoutes,
    logRoutes,
    agentRoutes,
    ratingRoutes,
    marketRoutes,
    whyRoutes,
    blobRoutes,
    jobRoutes,
    accountRoutes,
    earningRoutes,
    checkRoutes,
    disputeRoutes,
    bondRoutes,
    payoutRoutes,
    federatedRoutes,
    epochRoutes,
    settlementRoutes,
    adminRoutes,
  ]) {
    await app.register(async (scope) => routes(scope as unknown as PoolHttp, services));
  }
  await app.ready();
  return app;
}

/** The log's head is in every response, whatever it answers. */
function showHead(reply: FastifyReply, { transparency }: PoolServices): FastifyReply {
  return reply.header("aegis-log-head", Buffer.from(toCbor(transparency.head())).toString("base64url"));
}

/** A Fastify instance whose handlers are typed by their TypeBox schemas. */
export type PoolHttp = FastifyInstance<
  import("node:http").Server,
  import("node:http").IncomingMessage,
  import("node:http").ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
