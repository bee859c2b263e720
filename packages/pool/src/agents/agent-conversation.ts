import {
  fromCbor,
  equalBytes,
  runStatement,
  readStatement,
  type Signed,
  toHex,
  type ToAgent,
  type ToPool,
} from "@aegis-pool/core";
import type { MessageSocket } from "@aegis-pool/platform";
import { outcomeOf } from "../store/task-reads.js";
import type { PoolServices } from "../services/index.js";
import { pendingMessage } from "../services/payouts.js";
import type { FromMember } from "../services/federated/members-desk.js";
import type { AgentSession } from "../services/market/live.js";
import type { ProvenAgent } from "./handshake.js";

/** How often an agent is to say that it lives, in ms. */
const heartbeatMs = 5_000;

type Result = Extract<ToPool, { type: "result" }>;

/** What an agent that has proven itself says, and what the market makes of it. */
export class AgentConversation {
  readonly #services: PoolServices;
  readonly #channel: MessageSocket<ToAgent, ToPool>;
  readonly #session: AgentSession;
  #lastHeadSize = 0;

  constructor(parts: { services: PoolServices; channel: MessageSocket<ToAgent, ToPool>; proven: ProvenAgent }) {
    const { services, channel, proven } = parts;
    this.#services = services;
    this.#channel = channel;
    this.#session = toSession(proven, channel);
    const lost = services.market.leases.connect(this.#session, proven.held);
    channel.send({ type: "welcome", head: services.transparency.head(), heartbeatMs, lost });
    services.ratings.connect(this.#session);
    services.checks.returned(this.#session);
    void this.#tellPending();
    services.metrics.agents.set(services.market.sessions.size);
    services.log.info({ agent: this.#session.id.slice(0, 16), share: proven.offer.share }, "agent connected");
  }

  receive(message: ToPool): void {
    const { leases } = this.#services.market;
    switch (message.type) {
      case "capacity":
        this.#session.wanted = message.leases;
        this.#services.ratings.consider(this.#session);
        this.#services.market.matcher.consider(this.#session.id);
        return;
      case "accept":
        return this.#answer(message, leases.accept(this.#session, message));
      case "decline":
        return this.#answer(message, leases.giveBack(this.#session, message));
      case "hand-back":
        this.#services.log.info({ task: message.number, reason: message.reason }, "task handed back");
        return this.#answer(message, leases.giveBack(this.#session, message));
      case "result":
        void this.#result(message);
        return;
      case "revealed":
        return this.#answer(message, this.#services.checks.revealed(this.#session, message));
      case "heartbeat":
        leases.heartbeat(this.#session, message.running);
        return this.#tellHead();
      case "speed-commitment":
        return this.#noteRefusal(this.#services.ratings.committed(this.#session, message));
      case "opened-rows":
        return this.#noteRefusal(this.#services.ratings.opened(this.#session, message));
      case "committee-keys":
      case "committee-checked":
      case "committee-verdict":
      case "committee-answered":
      case "committee-shown":
      case "committee-sum":
      case "committee-settled":
      case "committee-refused":
        void this.#fromMember(message);
        return;
      case "hello":
      case "prove":
        this.#channel.send({ type: "error", code: "bad-message", message: "The handshake is over." });
        this.#channel.close("bad-message");
    }
  }

  end(reason: string): void {
    this.#services.ratings.disconnect(this.#session);
    this.#services.market.leases.disconnect(this.#session);
    this.#services.metrics.agents.set(this.#services.market.sessions.size);
    this.#services.log.info({ agent: this.#session.id.slice(0, 16), reason }, "agent gone");
  }

  async #fromMember(message: FromMember): Promise<void> {
    try {
      const refusal = await this.#services.federated.hear(this.#session, message);
      if (refusal) this.#services.metrics.refusals.inc({ what: "committee", reason: refusal });
    } catch (error) {
      this.#services.log.error({ err: error }, "what a committee member said could not be taken");
    }
  }

  /** Where the database fails the agent is hung up on: it comes back, and says the same again. */
  async #result(message: Result): Promise<void> {
    try {
      await this.#takeResult(message);
    } catch (error) {
      this.#services.log.warn({ err: error }, "a result could not be taken");
      this.#channel.close("database-failed");
    }
  }

  async #takeResult(message: Result): Promise<void> {
    const refusal = await this.#services.market.results.receive(this.#session, message);
    if (!refusal) return; // the receipt follows with the commit
    const run = readStatement(runStatement, message.run);
    if (!run) return this.#channel.send({ type: "error", code: "bad-message", message: "The run cannot be read." });
    const receipt = refusal === "stale-lease" ? await this.#receiptOf(run.number, message.run) : undefined;
    if (receipt) return this.#channel.send({ type: "settled", number: run.number, fence: run.fence, receipt });
    this.#services.metrics.refusals.inc({ what: "result", reason: refusal });
    this.#channel.send({ type: "refused", number: run.number, fence: run.fence, reason: refusal });
  }

  /** The receipt for a result that was taken before: an agent that missed the answer asks again. */
  async #receiptOf(number: number, run: Signed): Promise<Signed | undefined> {
    const outcome = await outcomeOf(this.#services.database, number);
    if (!outcome?.run || !outcome.receipt) return undefined;
    const taken = fromCbor(outcome.run) as Signed;
    return equalBytes(taken.body, run.body) ? (fromCbor(outcome.receipt) as Signed) : undefined;
  }

  #answer({ number, fence }: { number: number; fence: number }, refusal: string | undefined): void {
    if (!refusal) return;
    this.#services.metrics.refusals.inc({ what: "lease", reason: refusal });
    this.#channel.send({ type: "refused", number, fence, reason: refusal });
  }

  #noteRefusal(refusal: string | undefined): void {
    if (refusal) this.#services.metrics.refusals.inc({ what: "speed", reason: refusal });
  }

  /** An agent that was away hears of a change of payout address too: its owner may not have asked for it. */
  async #tellPending(): Promise<void> {
    const { log, payouts } = this.#services;
    try {
      const { pending } = await payouts.of(this.#session.operatorKey);
      if (pending) this.#channel.send(pendingMessage(pending));
    } catch (error) {
      log.error({ err: error }, "a pending payout address could not be looked up");
    }
  }

  /** The log's head, where it has grown since the agent was last told. */
  #tellHead(): void {
    const { transparency } = this.#services;
    if (transparency.size === this.#lastHeadSize) return;
    this.#lastHeadSize = transparency.size;
    this.#channel.send({ type: "head", head: transparency.head() });
  }
}

function toSession(proven: ProvenAgent, channel: MessageSocket<ToAgent, ToPool>): AgentSession {
  const { key, known, session, offer, attested } = proven;
  return {
    key,
    id: toHex(key),
    operatorKey: known.operator,
    certificate: known.certificate,
    session,
    offer,
    attested,
    wanted: 0,
    slotSpeed: 0,
    provenSpeed: 0,
    challenged: false,
    roundTripMs: () => channel.roundTripMs(),
    send: (message) => channel.send(message),
    close: (reason) => channel.close(reason),
  };
}
