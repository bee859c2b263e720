import {
  Check,
  equalBytes,
  openOwnStatement,
  type Signed,
  SignedSchema,
  type StatementKind,
  testFunding,
  transferKinds,
  Type,
} from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { debtsOf } from "../store/held-rows.js";
import { badMessage, Base64, HexKey, parseCborText } from "./base64.js";
import { requireAccountKey, requireFresh } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Lines of a statement in one answer. */
const linesPerPage = 1_000;

const Digits = Type.String({ pattern: "^-?[0-9]{1,19}$" });
const Line = Type.Object({
  id: Type.Integer({ description: "Rises; give the last one as `after` for the next page" }),
  at: Type.Integer({ description: "ms since 1970" }),
  kind: Type.String({ description: transferKinds.join(", ") }),
  key: Type.String({ description: "In hexadecimal; of a reward the task's number" }),
  other: Type.String({ description: "The account on the other side" }),
  amount: Type.String({ pattern: "^-?[0-9]{1,19}$", description: "nAIS; below zero where the account gave it" }),
});
const params = Type.Object({ kind: Type.Enum(["requester", "operator"]), key: HexKey });
const Page = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: linesPerPage })),
});

/** Accounts: only who holds an account's key sees it. `/v1/books` is for all: what the accounts of each kind hold together. */
export function accountRoutes(app: PoolHttp, services: PoolServices): void {
  const { ledger } = services;
  const balance = Type.Object({ balance: Digits });
  const funding = { body: Type.Object({ funding: Base64(1_024) }), response: { 201: balance } };
  app.post("/v1/accounts/fund", { schema: funding }, async ({ body }, reply) => {
    const asked = openAsked(services, testFunding, body.funding);
    return reply.status(201).send({ balance: String(await ledger.fund(asked)) });
  });
  const standing = Type.Object({
    balance: Digits,
    held: Type.Optional(
      Type.String({ description: "nAIS: of an operator, for results that are not final, fees included" }),
    ),
    owed: Type.Optional(Type.String({ description: "nAIS: of an operator, for wrong results" })),
  });
  app.get("/v1/accounts/:kind/:key", { schema: { params, response: { 200: standing } } }, async (request) => {
    const { kind, key } = request.params;
    requireAccountKey(request.raw, key, services);
    const own = { balance: String(await ledger.balance(`${kind}:${key}`)) };
    if (kind === "requester") return own;
    const debts = await debtsOf(services.database, [key]);
    const owed = debts.reduce((sum, { left }) => sum + left, 0n);
    return { ...own, held: String(await ledger.balance(`held:${key}`)), owed: String(owed) };
  });
  const statement = { params, querystring: Page, response: { 200: Type.Object({ lines: Type.Array(Line) }) } };
  app.get("/v1/accounts/:kind/:key/statement", { schema: statement }, async (request) => {
    const { kind, key } = request.params;
    requireAccountKey(request.raw, key, services);
    const { after = 0, limit = linesPerPage } = request.query;
    const lines = await ledger.statement(`${kind}:${key}`, after, limit);
    return { lines: lines.map((line) => ({ ...line, amount: String(line.amount) })) };
  });
  const books = { response: { 200: Type.Object({ totals: Type.Record(Type.String(), Digits), sum: Digits }) } };
  app.get("/v1/books", { schema: books }, async () => {
    const totals = Object.entries(await ledger.totals());
    const sum = totals.reduce((total, [, amount]) => total + amount, 0n);
    return { totals: Object.fromEntries(totals.map(([kind, amount]) => [kind, String(amount)])), sum: String(sum) };
  });
}

/**
 * What an account asks for: signed by its key, for this pool, just now.
 * @throws {AegisError} `bad-message`, `bad-signature`
 */
export function openAsked<T extends { account: Uint8Array; pool: Uint8Array; signedAt: number }>(
  services: PoolServices,
  kind: StatementKind<T>,
  text: string,
): T {
  const signed = parseCborText(text);
  if (!Check(SignedSchema, signed)) throw badMessage(`The ${kind.label} cannot be read.`);
  const statement = openOwnStatement(kind, signed as Signed, ({ account }) => account, services.primitives);
  if (!statement || !equalBytes(statement.pool, services.signer.publicKey)) {
    throw badMessage(`The ${kind.label} is not signed by its account's key for this pool.`);
  }
  requireFresh(statement.signedAt, services);
  return statement;
}
