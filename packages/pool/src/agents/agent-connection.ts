import { MessageSocket } from "@aegis-pool/platform";
import { protocolLimits, type ToAgent, toAgent, type ToPool, toPool } from "@aegis-pool/core";
import type { WebSocket } from "ws";
import type { PoolServices } from "../services/index.js";
import { AgentConversation } from "./agent-conversation.js";
import { Handshake } from "./handshake.js";

/** A stranger has this long to prove who it is, in ms. */
const handshakeMs = 10_000;

/** Serves one connection to `/v1/agent`: the handshake, then the conversation about work. */
export function serveAgent(socket: WebSocket, services: PoolServices): void {
  const handshake = new Handshake(services);
  let conversation: AgentConversation | undefined;
  const channel = new MessageSocket<ToAgent, ToPool>(socket, toAgent, toPool, {
    onMessage(message) {
      if (conversation) conversation.receive(message);
      else advance(message);
    },
    onClose(reason) {
      clearTimeout(patience);
      conversation?.end(reason);
    },
    onRefused: (reason) => refuse(reason, `The frame was refused: ${reason}.`),
  });
  const patience = setTimeout(() => refuse("handshake-timeout", "No proof came in time."), handshakeMs);

  function advance(message: ToPool): void {
    const step = handshake.advance(message);
    if (step.kind === "refused") return refuse(step.code, step.message);
    if (step.kind === "challenge") return channel.send(step.message);
    clearTimeout(patience);
    conversation = new AgentConversation({ services, channel, proven: step.proven });
  }

  function refuse(code: string, message: string): void {
    services.log.warn({ code }, "agent refused");
    channel.send({ type: "error", code, message });
    channel.close(code);
  }
}

/** Options of the WebSocket server: larger frames are refused before they are read. */
export const webSocketLimits = { maxPayload: protocolLimits.frameBytes } as const;
