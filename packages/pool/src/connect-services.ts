import { type AgentCertificate, equalBytes, fromCbor, judgedRuns } from "@aegis-pool/core";
import { announceOutcome } from "./releasers/releaser-connection.js";
import type { Identities } from "./services/identities.js";
import type { PoolServices } from "./services/index.js";
import { pendingMessage } from "./services/payouts.js";

/** What follows from what: outcomes are announced, the revoked are cut off. */
export function connectServices({
  market,
  metrics,
  identities,
  payouts,
  ratings,
  checks,
  judgements,
}: PoolServices): void {
  payouts.onPending = (operator, change) => {
    for (const session of market.sessions.values()) {
      if (equalBytes(session.operatorKey, operator)) session.send(pendingMessage(change));
    }
  };
  market.results.onRun = (session, run) => ratings.ran(session, run);
  identities.onRevoked = (agent) => {
    const session = market.sessions.get(agent);
    if (!session) return;
    session.close("certificate-revoked");
    market.leases.disconnect(session); // now, not when the agent deigns to close its end
  };
  market.transitions.effects.onOutcome = (task, outcome) => {
    metrics.finished.inc({ state: outcome.state });
    const agent = outcome.agent && market.sessions.get(Buffer.from(outcome.agent).toString("hex"));
    const fence = task.position.fence;
    if (outcome.receipt) {
      const receipt = fromCbor(outcome.receipt) as never;
      agent?.send({ type: "settled", number: task.number, fence, receipt });
    }
    const judge = judgedRuns(task.group.requirements) === undefined ? checks : judgements;
    if (task.group.requirements.verification) judge.ended(task, outcome); // first, so that who waits for results knows which of them are being checked
    announceOutcome(task, outcome, certificateOf(identities, outcome.agent));
  };
}

function certificateOf(identities: Identities, agent: Uint8Array | undefined): AgentCertificate | undefined {
  return agent && identities.find(Buffer.from(agent).toString("hex"))?.certificate;
}
