import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { AegisError } from "@aegis-pool/core";
import { type WebSocket, WebSocketServer } from "ws";
import { serveAgent, webSocketLimits } from "../agents/agent-connection.js";
import { ReleaserConnection } from "../releasers/releaser-connection.js";
import type { PoolServices } from "../services/index.js";
import { requireJobKey } from "./job-access.js";

/** Connections of agents and releasers together; one more is refused. */
const maxConnections = 20_000;
const releasePath = /^\/v1\/jobs\/([0-9a-f]{64})\/release$/;

/** Takes WebSocket connections: `/v1/agent` and `/v1/jobs/:job/release`. */
export function acceptUpgrades(server: Server, services: PoolServices): WebSocketServer {
  const sockets = new WebSocketServer({ noServer: true, ...webSocketLimits });
  server.on("upgrade", (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const accept = (serve: (opened: WebSocket) => void) => sockets.handleUpgrade(request, socket, head, serve);
    if (sockets.clients.size >= maxConnections) return refuse(socket, "503 Service Unavailable", "too-many");
    if (request.url === "/v1/agent") return accept((opened) => serveAgent(opened, services));
    const job = releasePath.exec(request.url ?? "")?.[1];
    if (!job) return refuse(socket, "404 Not Found", "not-found");
    return void acceptReleaser(request, job, services).then(accept, (error: unknown) => refuseFor(socket, error));
  });
  return sockets;
}

/** The messages of a releaser may be on their way before its job is loaded: it is loaded before the upgrade. */
async function acceptReleaser(request: IncomingMessage, job: string, services: PoolServices) {
  const { jobs, board } = services.market;
  const live = await jobs.open(requireJobKey(request, job, services));
  const release = board.hold(live);
  if (request.socket.destroyed) release();
  else request.socket.once("close", release); // also where the upgrade fails
  return (opened: WebSocket) => void new ReleaserConnection(opened, services, live);
}

function refuseFor(socket: Duplex, error: unknown): void {
  if (error instanceof AegisError) refuse(socket, `${error.status} Refused`, error.code);
  else refuse(socket, "500 Internal Server Error", "internal");
}

function refuse(socket: Duplex, status: string, code: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\naegis-error: ${code}\r\ncontent-length: 0\r\n\r\n`);
}
