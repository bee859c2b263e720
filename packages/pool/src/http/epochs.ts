import { Readable } from "node:stream";
import { AegisError, Type } from "@aegis-pool/core";
import type pg from "pg";
import type { PoolServices } from "../services/index.js";
import { type ClosedEpoch, closedBefore, closedEpochs, ownAttendances, readPart } from "../store/epoch-rows.js";
import { HexKey, toBase64 } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Epochs in one answer. */
const epochsPerPage = 100;

const EpochNumber = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Epoch = Type.Object({
  number: EpochNumber,
  statement: Type.String({ description: "base64url of the CBOR of the pool's signed statement" }),
  logIndex: Type.Integer({ description: "Where in the log its hash stands" }),
});
const Attendance = Type.Object({
  agent: HexKey,
  salt: Type.String({
    description: "In hexadecimal; SHA-256 of it and the agent's key names the line in the public file",
  }),
  connected: Type.Integer({ description: "µSCU-seconds with a proven speed" }),
  available: Type.Integer({ description: "Of these, at a price that counts and ready to work" }),
  offered: Type.Integer({ description: "Tasks" }),
  missed: Type.Integer({ description: "Of these, tasks that it did not take or keep" }),
});

/** Epochs: their public files for all, and for an operator what its own agents were good for. */
export function epochRoutes(app: PoolHttp, services: PoolServices): void {
  const { database, epochs } = services;
  const list = {
    querystring: Type.Object({ before: Type.Optional(EpochNumber) }),
    response: {
      200: Type.Object({
        referencePrice: Type.Integer({ description: "nAIS per SCU-second, now" }),
        epochMs: Type.Integer(),
        epochs: Type.Array(Epoch),
      }),
    },
  };
  app.get("/v1/epochs", { schema: list }, async ({ query: { before = Number.MAX_SAFE_INTEGER } }) => ({
    referencePrice: epochs.referencePrice,
    epochMs: epochs.terms.parameters.epochMs,
    epochs: (await closedEpochs(database, before, epochsPerPage)).map(written),
  }));
  const one = { params: Type.Object({ number: EpochNumber }) };
  app.get("/v1/epochs/:number", { schema: one }, async ({ params: { number } }, reply) => {
    const epoch = await closed(number);
    return reply.type("application/x-ndjson").send(Readable.from(fileOf(database, epoch)));
  });
  // what somebody needs who claims on chain, without the rows of a million tasks
  app.get("/v1/epochs/:number/claims", { schema: one }, async ({ params: { number } }, reply) => {
    const epoch = await closed(number);
    return reply.type("application/x-ndjson").send(Readable.from(fileOf(database, epoch, epoch.claimsPart)));
  });
  const closed = async (number: number) => {
    const epoch = await closedBefore(database, number + 1);
    if (epoch?.number !== number) throw notClosed(number);
    return epoch;
  };
  const own = {
    params: Type.Object({ key: HexKey, number: EpochNumber }),
    response: { 200: Type.Object({ attendances: Type.Array(Attendance) }) },
  };
  app.get("/v1/accounts/operator/:key/epochs/:number", { schema: own }, async ({ params: { key, number }, raw }) => {
    const rows = await ownAttendances(database, requireAccountKey(raw, key, services), number);
    return {
      attendances: rows.map(({ agent, salt, connected, available, offered, missed }) => ({
        ...{ agent: Buffer.from(agent).toString("hex"), salt: Buffer.from(salt).toString("hex") },
        ...{ connected, available, offered, missed },
      })),
    };
  });
}

function written({ number, statement, logIndex }: ClosedEpoch) {
  return { number, statement: toBase64(statement), logIndex };
}

/** The public file from one of its parts on, and the statement in its last line. */
async function* fileOf(database: pg.Pool, { number, statement }: ClosedEpoch, from = 0): AsyncGenerator<Uint8Array> {
  for (let part = from; ; part++) {
    const text = await readPart(database, number, part);
    if (!text) break;
    yield text;
  }
  yield Buffer.from(`${JSON.stringify({ statement: toBase64(statement) })}\n`);
}

const notClosed = (number: number) =>
  new AegisError({
    code: "not-found",
    message: `Epoch ${number} is not closed here.`,
    next: "`aegis epoch list` shows those that are.",
  });
