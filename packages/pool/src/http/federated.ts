import { Readable } from "node:stream";
import { Check, parseCbor, type Signed, SignedSchema, Type } from "@aegis-pool/core";
import type { FastifyReply } from "fastify";
import type { PoolServices } from "../services/index.js";
import { badMessage, HexKey } from "./base64.js";
import { requireJobKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Largest CBOR body: a run of a thousand seats. */
const bodyBytes = 1_048_576;
const run = Type.Object({ run: HexKey });

/** Federated runs: see `federated-view.ts` in core for what each is. */
export function federatedRoutes(app: PoolHttp, services: PoolServices): void {
  const { federated } = services;
  app.addContentTypeParser("application/cbor", { parseAs: "buffer", bodyLimit: bodyBytes }, (_request, body, done) =>
    done(null, body),
  );
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));

  app.post("/v1/federated", async ({ body }, reply) => {
    if (!(body instanceof Uint8Array)) throw badMessage("A run is sent as application/cbor.");
    const id = await federated.create(body);
    return reply.status(201).send({ run: Buffer.from(id).toString("hex") });
  });
  const watched = { params: run, querystring: Type.Object({ seen: Type.Optional(Type.Integer({ minimum: 0 })) }) };
  app.get("/v1/federated/:run", { schema: watched }, async ({ params, query }, reply) =>
    sendCbor(reply, await federated.view(params.run, query.seen)),
  );
  const round = Type.Object({ run: HexKey, round: Type.Integer({ minimum: 1, maximum: 1_000_000 }) });
  app.get("/v1/federated/:run/rounds/:round", { schema: { params: round } }, async ({ params }, reply) =>
    sendCbor(reply, await federated.round(params.run, params.round)),
  );
  for (const does of ["start", "cancel"] as const) {
    app.post(`/v1/federated/:run/${does}`, { schema: { params: run } }, async ({ params, raw }, reply) => {
      requireJobKey(raw, await federated.ownerOf(params.run), services);
      await federated[does](params.run);
      return reply.status(204).send();
    });
  }
  const takers = {
    seats: federated.enrol.bind(federated),
    reveals: federated.reveal.bind(federated),
    ready: federated.ready.bind(federated),
    uploads: federated.upload.bind(federated),
  };
  for (const [name, take] of Object.entries(takers)) {
    app.post(`/v1/federated/:run/${name}`, { schema: { params: run } }, async ({ params, body }, reply) => {
      await take(params.run, signedIn(body));
      return reply.status(204).send();
    });
  }
  fileRoutes(app, services);
}

function fileRoutes(app: PoolHttp, { federated }: PoolServices): void {
  const params = Type.Object({ run: HexKey, hash: HexKey });
  app.put(
    "/v1/federated/:run/files/:hash",
    { schema: { params } },
    async ({ params: { run: id, hash }, body }, reply) => {
      if (!(body instanceof Readable)) throw badMessage("A file is sent as application/octet-stream.");
      await federated.takeFile(id, hash, body);
      return reply.status(204).send();
    },
  );
  app.get("/v1/federated/:run/files/:hash", { schema: { params } }, async ({ params: { run: id, hash } }, reply) => {
    const { length, bytes } = await federated.readFile(id, hash);
    return reply.type("application/octet-stream").header("content-length", length).send(bytes);
  });
}

function sendCbor(reply: FastifyReply, bytes: Uint8Array): FastifyReply {
  return reply.type("application/cbor").send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

function signedIn(body: unknown): Signed {
  const signed = body instanceof Uint8Array ? parseCbor(body) : undefined;
  if (!Check(SignedSchema, signed)) throw badMessage("The body is no signed statement in CBOR.");
  return signed;
}
