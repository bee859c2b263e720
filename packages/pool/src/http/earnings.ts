import { AegisError, toCbor, Type } from "@aegis-pool/core";
import { signSettlements } from "../services/checks/settled.js";
import type { PoolServices } from "../services/index.js";
import { type EarningRow, earningsOf, ownTask } from "../store/earnings.js";
import { HexKey } from "./base64.js";
import { requireAccountKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

/** Tasks in one answer: each comes with certificate, run and receipt, some kilobytes together. */
const tasksPerPage = 200;

const Text = Type.String({ description: "base64url of CBOR" });
const Earning = Type.Object({
  line: Type.Integer({ description: "Rises; give the last one as `after` for the next page" }),
  certificate: Text,
  run: Text,
  receipt: Text,
  settlement: Type.Optional(Text),
});
const Page = Type.Object({
  after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: tasksPerPage })),
});
const Ended = Type.Object({
  agent: HexKey,
  fence: Type.Integer({ description: "The lease" }),
  event: Type.String({ description: "decline, silence, withhold, dissolve, handBack, expire or cancel" }),
  at: Type.Integer({ description: "ms since 1970" }),
});
const Own = Type.Object({
  earning: Type.Optional(Earning),
  ended: Type.Array(Ended),
  holder: Type.Optional(HexKey),
});

/** What an operator's agents have run and what each task brought; only who holds the operator's key sees it. */
export function earningRoutes(app: PoolHttp, services: PoolServices): void {
  const ofOperator = Type.Object({ key: HexKey });
  const list = {
    params: ofOperator,
    querystring: Page,
    response: { 200: Type.Object({ tasks: Type.Array(Earning) }) },
  };
  app.get("/v1/accounts/operator/:key/earnings", { schema: list }, async ({ params, query, raw }) => {
    const operator = requireAccountKey(raw, params.key, services);
    const { after = 0, limit = tasksPerPage } = query;
    const rows = await earningsOf(services.database, operator, after, limit);
    return { tasks: written(rows, services) };
  });
  const ofTask = Type.Object({
    key: HexKey,
    number: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  });
  const one = { params: ofTask, response: { 200: Own } };
  app.get("/v1/accounts/operator/:key/earnings/:number", { schema: one }, async ({ params, raw }) => {
    const operator = requireAccountKey(raw, params.key, services);
    const own = await ownTask(services.database, operator, params.number);
    if (!own) throw neverLeased(params.number);
    const { ended, holder } = own;
    const [earning] = written(own.earning ? [own.earning] : [], services);
    return {
      ...(earning && { earning }),
      ended: ended.map((lease) => ({ ...lease, agent: lease.agent.toString("hex") })),
      ...(holder && { holder: holder.toString("hex") }),
    };
  });
}

/** Settlements are signed here: the rest was when it came to be. */
function written(rows: readonly EarningRow[], { signer, primitives }: PoolServices) {
  const settled = rows.flatMap((row) => row.settled ?? []);
  const settlements = signSettlements(settled, signer, primitives);
  return rows.map(({ line, certificate, run, receipt, settled: isSettled }) => {
    const texts = { certificate: base64(certificate), run: base64(run), receipt: base64(receipt) };
    const settlement = isSettled && settlements.shift();
    return { line, ...texts, ...(settlement && { settlement: base64(toCbor(settlement)) }) };
  });
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");

/** The same for a task of others as for one that does not exist. */
const neverLeased = (number: number) =>
  new AegisError({
    code: "not-found",
    message: `No agent of this operator has ever had task ${number}.`,
    next: "`aegis earnings` lists the tasks that its agents have run.",
  });
