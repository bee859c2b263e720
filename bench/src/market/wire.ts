import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** Counts what goes over the TCP connections that this process opens from now on. */
export class Wire {
  readonly #sockets = new Set<Socket>();
  #closed = 0;

  constructor() {
    subscribe("net.client.socket", (message) => {
      const { socket } = message as { socket: Socket };
      this.#sockets.add(socket);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        this.#closed += bytesOf(socket);
      });
    });
  }

  /** Both ways, in all. */
  bytes(): number {
    return [...this.#sockets].reduce((sum, socket) => sum + bytesOf(socket), this.#closed);
  }
}

function bytesOf({ bytesRead, bytesWritten }: Socket): number {
  return bytesRead + bytesWritten;
}
