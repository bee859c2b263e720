import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect, it } from "vitest";
import { SumFiles } from "../../src/committee/index.js";

const [run, hash] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
const path = `/v1/federated/${"01".repeat(32)}/files/${"02".repeat(32)}`;
const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
});

/** A pool that answers so, and the files at it. */
async function poolThat(answers: RequestListener, patienceMs?: number): Promise<{ files: SumFiles; server: Server }> {
  const server = createServer(answers).listen(0, "127.0.0.1");
  servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { files: new SumFiles(`http://127.0.0.1:${port}`, patienceMs), server };
}

const never = new AbortController().signal;
const refusal = expect.objectContaining({ reason: "file-missing" }) as unknown;

it("fetches a file by run and hash, up to as many bytes as it may have", async () => {
  const { files } = await poolThat((request, response) => {
    response.end(request.url === path ? Buffer.alloc(200_000, 7) : undefined);
  });
  expect(Buffer.from(await files.get(run, hash, 200_000, never)).equals(Buffer.alloc(200_000, 7))).toBe(true);
  expect(await files.get(run, hash, 300_000, never)).toHaveLength(200_000);
  expect(await files.get(run, hash, 199_999, never)).toHaveLength(0);
});

it("puts a file, whole", async () => {
  const taken: Buffer[] = [];
  const { files } = await poolThat((request, response) => {
    expect([request.method, request.url]).toEqual(["PUT", path]);
    request.on("data", (piece: Buffer) => taken.push(piece)).on("end", () => response.writeHead(204).end());
  });
  await files.put({ run, hash, bytes: new Uint8Array(300_000).fill(9) }, never);
  expect(Buffer.concat(taken).equals(Buffer.alloc(300_000, 9))).toBe(true);
});

it("goes nowhere else, and takes no refusal for a file", async () => {
  let asked = 0;
  const { files } = await poolThat((_, response) => {
    asked++;
    response.writeHead(asked === 1 ? 302 : 404, { location: "/elsewhere" }).end("no file");
  });
  await expect(files.get(run, hash, 100, never)).rejects.toEqual(refusal);
  await expect(files.get(run, hash, 100, never)).rejects.toEqual(refusal);
  expect(asked).toBe(2);
});

it("does not wait for a pool that says nothing, or that stops in the middle", async () => {
  const { files } = await poolThat((request, response) => {
    if (request.method === "GET") response.writeHead(200, { "content-length": 100 }).write("half");
  }, 50);
  await expect(files.get(run, hash, 100, never)).rejects.toEqual(refusal);
  await expect(files.put({ run, hash, bytes: new Uint8Array(5) }, never)).rejects.toEqual(refusal);
});

it("is given up when its attempt is over", async () => {
  const closing = new AbortController();
  const { files } = await poolThat(() => closing.abort());
  await expect(files.get(run, hash, 100, closing.signal)).rejects.toEqual(refusal);
});

it("asks again where the connection that it had kept is gone", async () => {
  let asked = 0;
  const sockets = new Set<Socket>();
  const { files } = await poolThat((request, response) => {
    asked++;
    sockets.add(request.socket);
    // the second request comes over the first one's connection, which is reset under it
    if (asked === 2) request.socket.resetAndDestroy();
    else response.end("file");
  });
  expect(await files.get(run, hash, 10, never)).toHaveLength(4);
  expect(await files.get(run, hash, 10, never)).toHaveLength(4);
  expect([asked, sockets.size]).toEqual([3, 2]);
});
