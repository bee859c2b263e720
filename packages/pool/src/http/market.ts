import { type AgentNow, countWhy, type TaskGroup, Type, whyNot } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { orderBookOf } from "../services/market/order-books.js";
import { HexKey } from "./base64.js";
import { requireJobKey } from "./job-access.js";
import type { PoolHttp } from "./server.js";

const Price = Type.Integer({ description: "nAIS per SCU-second" });
const Levels = Type.Array(
  Type.Object({ price: Price, count: Type.Integer({ description: "Free slots, or waiting tasks" }) }),
);
const Last = Type.Object({ count: Type.Integer(), median: Price, high: Price });
const Book = Type.Object({
  class: Type.Enum(["cpu", "webgpu"]),
  offers: Levels,
  bids: Levels,
  last: Type.Optional(Last),
});

const Counts = Type.Record(Type.String(), Type.Integer(), {
  description: "How many each filter keeps away, how many are busy, and how many fit",
});
const Waiting = Type.Object({
  tasks: Type.Integer(),
  maxPrice: Price,
  agents: Counts,
  agent: Type.Optional(Type.String({ description: "What keeps the agent that was asked about away, or fits" })),
});

/** The public order book. */
export function marketRoutes(app: PoolHttp, { market }: PoolServices): void {
  const schema = { response: { 200: Type.Object({ books: Type.Array(Book) }) } };
  app.get("/v1/market", { schema }, async () => ({
    books: (["cpu", "webgpu"] as const).map((lent) => {
      const { last, offers, bids } = orderBookOf(market, lent);
      return { class: lent, offers: [...offers], bids: [...bids], ...(last && { last }) };
    }),
  }));
}

/** Why a job's tasks wait, and why an agent gets no work: each pair is looked at anew. */
export function whyRoutes(app: PoolHttp, services: PoolServices): void {
  const { matching } = services.market.board;
  const ofJob = {
    params: Type.Object({ job: HexKey }),
    querystring: Type.Object({ agent: Type.Optional(HexKey) }),
    response: { 200: Type.Object({ waiting: Type.Array(Waiting) }) },
  };
  app.get("/v1/jobs/:job/why", { schema: ofJob }, async ({ raw, params, query }) => {
    requireJobKey(raw, params.job, services);
    const agents = [...matching.agents()];
    const asked = agents.find(({ terms }) => terms.agent === query.agent);
    const own = [...matching.waiting()].filter(([group]) => group.job === params.job);
    return { waiting: own.map(([group, tasks]) => whyItWaits(group, tasks, agents, asked)) };
  });

  const ofAgent = { params: Type.Object({ agent: HexKey }), response: { 200: Type.Object({ tasks: Counts }) } };
  app.get("/v1/agents/:agent/why", { schema: ofAgent }, async ({ params }) => {
    const agent = [...matching.agents()].find(({ terms }) => terms.agent === params.agent);
    const pairs = [...matching.waiting()].flatMap(([group]) => (agent ? [[group, agent] as const] : []));
    return { tasks: { ...countWhy(pairs) } };
  });
}

function whyItWaits(group: TaskGroup, tasks: number, agents: readonly AgentNow[], asked: AgentNow | undefined) {
  const counts = countWhy(agents.map((agent) => [group, agent] as const));
  const pair = asked && (whyNot(group, asked) ?? "fits");
  return { tasks, maxPrice: group.maxPrice, agents: { ...counts }, ...(pair && { agent: pair }) };
}
