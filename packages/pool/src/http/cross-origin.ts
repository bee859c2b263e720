import type { FastifyReply } from "fastify";
import type { PoolHttp } from "./server.js";

/** What a participant of a federated run asks a pool for: see the SDK's `takePart`. */
const asked = /^\/v1\/(pool|log\/[a-z]+|agents\/[0-9a-f]{64}|federated\/[0-9a-f]{64}(\/[a-z]+(\/[0-9a-f]+)?)?)(\?|$)/;
/** How long a browser may remember what it may ask, in seconds: two hours, the most that Chromium takes. */
const rememberedSeconds = 7_200;

/**
 * Lets pages of any origin take part in federated runs (Fetch Standard, section 3.3). A pool knows nobody by a cookie or an address: whoever may do something
 * signs it, so a page can do no more than any program can.
 */
export function allowPages(app: PoolHttp): void {
  app.addHook("onSend", async ({ url }, reply) => {
    if (asked.test(url)) showTo(reply);
  });
  for (const path of ["/v1/pool", "/v1/log/*", "/v1/agents/*", "/v1/federated/*"]) {
    app.options(path, { schema: { hide: true } }, async (_request, reply) =>
      reply
        .status(204)
        .header("access-control-allow-methods", "GET, POST, PUT")
        .header("access-control-allow-headers", "content-type")
        .header("access-control-max-age", rememberedSeconds)
        .send(),
    );
  }
}

function showTo(reply: FastifyReply): void {
  reply.header("access-control-allow-origin", "*").header("access-control-expose-headers", "aegis-log-head");
}
