import { type AdminChange, toHex } from "@aegis-pool/core";
import type { AgentSession } from "../market/live.js";
import type { PoolServices } from "../index.js";

type Affected = Pick<PoolServices, "administration" | "log" | "market" | "retention">;

/** Lets changes of how the pool is run take effect, those of before its start too. */
export function followAdministration(services: Affected): void {
  const { administration, log, market, retention } = services;
  const follow = () => {
    market.gate.isOpen = administration.state.paused === undefined;
    if (market.gate.isOpen) market.matcher.schedule();
  };
  administration.onChange = (change) => {
    follow();
    if (change.do === "ban") cutOff(market, change);
    if (change.do === "set") retention.sweep().catch((error: unknown) => log.error({ err: error }, "the sweep failed"));
  };
  follow();
}

/** Who is banned is gone now, not when they deign to close their end; what they held goes to others. */
function cutOff(market: Affected["market"], { who, key }: Extract<AdminChange, { do: "ban" }>): void {
  const id = toHex(key);
  const isMeant = (session: AgentSession) => (who === "agent" ? session.id : toHex(session.operatorKey)) === id;
  const meant = who === "requester" ? [] : [...market.sessions.values()].filter(isMeant);
  for (const session of meant) {
    session.close("banned");
    market.leases.disconnect(session);
  }
}
