import {
  adminAction,
  type AdminRole,
  adminRoles,
  type AdminState,
  bannable,
  fromCbor,
  type ParameterName,
  parameterTerms,
  readStatement,
  type Signed,
  toHex,
  Type,
} from "@aegis-pool/core";
import type { IncomingMessage } from "node:http";
import type { WrittenBackup } from "../services/admin/backups.js";
import { overview } from "../services/admin/overview.js";
import type { PoolServices } from "../services/index.js";
import { lastAdminActions } from "../store/admin-rows.js";
import { openAsked } from "./accounts.js";
import { Base64, HexKey, parseCborText } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Lines of one answer, at most. */
const mostLines = 1_000;

const params = Type.Object({ key: HexKey });
const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: mostLines })) });
const How = Type.Object({
  paused: Type.Optional(Type.String({ description: "Why, where it is" })),
  bans: Type.Array(Type.Object({ who: Type.Enum([...bannable]), key: HexKey, reason: Type.String() })),
  parameters: Type.Array(
    Type.Object({
      name: Type.String(),
      value: Type.Integer(),
      default: Type.Integer(),
      least: Type.Integer(),
      most: Type.Integer(),
      unit: Type.String(),
      words: Type.String(),
    }),
  ),
  roles: Type.Array(Type.Object({ key: HexKey, role: Type.Enum([...adminRoles]) })),
  backup: Type.Optional(
    Type.Object({
      folder: Type.String({ description: "On the pool's machine" }),
      rows: Type.Integer(),
      blobs: Type.Object({ count: Type.Integer(), bytes: Type.Integer() }),
    }),
  ),
});

/** For those who run the pool: what goes on, and how it is run. Each change is signed, done once, and kept. */
export function adminRoutes(app: PoolHttp, services: PoolServices): void {
  const { administration, backups, database, market } = services;
  const viewer = viewerOf(services);
  const act = { body: Type.Object({ action: Base64(2_048) }), response: { 201: How } };
  app.post("/v1/admin/actions", { schema: act }, async ({ body }, reply) => {
    const asked = openAsked(services, adminAction, body.action);
    const { change } = asked;
    const isNew = await administration.act(asked, parseCborText(body.action) as Signed);
    const backup = isNew && change.do === "backup" ? await backups.write(change.name) : undefined;
    return reply.status(201).send({ ...howJson(administration.state), ...(backup && { backup: backupJson(backup) }) });
  });
  app.get("/v1/admin/:key/status", { schema: { params } }, async ({ raw, params: { key } }) => {
    viewer(raw, key);
    return { ...howJson(administration.state), ...(await overview(services)) };
  });
  app.get("/v1/admin/:key/agents", { schema: { params } }, async ({ raw, params: { key } }) => {
    viewer(raw, key);
    const sessions = [...market.sessions.values()].slice(0, mostLines);
    return {
      agents: sessions.map(({ id, operatorKey, offer, wanted, slotSpeed, provenSpeed }) => ({
        ...{ agent: id, operator: toHex(operatorKey), class: offer.class, share: offer.share, slots: offer.slots },
        ...{ wanted, slotSpeed, provenSpeed, holds: market.holdings.count(id) },
      })),
    };
  });
  app.get("/v1/admin/:key/jobs", { schema: { params } }, async ({ raw, params: { key } }) => {
    viewer(raw, key);
    const jobs = [...market.board.jobs.values()].slice(0, mostLines);
    return {
      jobs: jobs.map(({ id, counts, releaser }) => ({ job: id, counts, releaserConnected: Boolean(releaser) })),
    };
  });
  app.get(
    "/v1/admin/:key/actions",
    { schema: { params, querystring: Limit } },
    async ({ raw, params: { key }, query }) => {
      viewer(raw, key);
      const rows = await lastAdminActions(database, query.limit ?? 100);
      return {
        actions: rows.map(({ id, admin, action, at }) => {
          const signed = fromCbor(action) as Signed;
          return { id, admin: toHex(admin), at, change: readable(readStatement(adminAction, signed)?.change) };
        }),
      };
    },
  );
}

/** Lets only those look who have a role here. */
function viewerOf(services: PoolServices): (raw: IncomingMessage, key: string) => void {
  const needed: AdminRole = "viewer";
  return (raw, key) => {
    requireAccountKey(raw, key, services);
    services.administration.requireRole(key, needed);
  };
}

function howJson({ paused, bans, parameters, roles }: AdminState) {
  return {
    ...(paused !== undefined && { paused }),
    bans: [...bans].map(([name, reason]) => {
      const [who = "", key = ""] = name.split(":");
      return { who: who as (typeof bannable)[number], key, reason };
    }),
    parameters: (Object.entries(parameters) as [ParameterName, number][]).map(([name, value]) => ({
      ...{ name, value },
      ...parameterTerms[name],
    })),
    roles: [...roles].map(([key, role]) => ({ key, role })),
  };
}

function backupJson({ folder, description }: WrittenBackup) {
  const { tables, blobs } = description;
  return { folder, rows: tables.reduce((sum, { rows }) => sum + rows, 0), blobs };
}

/** A change with its key in hexadecimal. */
function readable(change: object | undefined): object | undefined {
  return change && "key" in change ? { ...change, key: toHex(change.key as Uint8Array) } : change;
}
