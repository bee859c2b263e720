import { Readable } from "node:stream";
import { AegisError, Type } from "@aegis-pool/core";
import type { PoolServices } from "../services/index.js";
import { type BlobStore, WrongOffsetError } from "../store/blobs/index.js";
import { badMessage, HexKey } from "./base64.js";
import type { PoolHttp } from "./server.js";

const params = Type.Object({ hash: HexKey });
const UploadHeaders = Type.Object({
  "upload-offset": Type.String({ pattern: "^[0-9]{1,15}$" }),
  "upload-complete": Type.Optional(Type.Union([Type.Literal("?0"), Type.Literal("?1")])),
});
const RangeHeader = Type.Object({ range: Type.Optional(Type.String({ pattern: "^bytes=[0-9]{1,15}-$" })) });

/**
 * Sealed blobs under the SHA-256 of their bytes. HEAD tells where an upload stands, PATCH adds bytes from there, with
 * `upload-complete: ?1` on the last (header names as in the IETF's draft of resumable uploads), GET reads.
 */
export function blobRoutes(app: PoolHttp, { blobs }: PoolServices): void {
  app.addContentTypeParser("application/octet-stream", (_request, payload, done) => done(null, payload));
  app.head("/v1/blobs/:hash", { schema: { params } }, async ({ params: { hash } }, reply) => {
    const complete = (await blobs.size(hash)) !== undefined;
    reply.header("upload-offset", await blobs.offset(hash)).header("upload-complete", complete ? "?1" : "?0");
    return reply.status(204).send();
  });
  app.patch("/v1/blobs/:hash", { schema: { params, headers: UploadHeaders } }, async (request, reply) => {
    const { hash } = request.params;
    const last = request.headers["upload-complete"] === "?1";
    const offset = Number(request.headers["upload-offset"]);
    try {
      const reached = await upload(blobs, hash, { offset, bytes: request.body, last });
      return reply
        .status(204)
        .header("upload-offset", reached)
        .header("upload-complete", last ? "?1" : "?0")
        .send();
    } catch (error) {
      if (error instanceof WrongOffsetError) reply.header("upload-offset", error.expectedOffset);
      throw error;
    }
  });
  app.get("/v1/blobs/:hash", { schema: { params, headers: RangeHeader } }, async (request, reply) => {
    const { hash } = request.params;
    const size = await blobs.size(hash);
    if (size === undefined) throw noBlob(hash);
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    const bytes = await blobs.read(hash, { start });
    reply.type("application/octet-stream").header("content-length", size - start);
    if (start > 0) reply.status(206).header("content-range", `bytes ${start}-${size - 1}/${size}`);
    return reply.send(bytes);
  });
}

async function upload(
  blobs: BlobStore,
  hash: string,
  { offset, bytes, last }: { offset: number; bytes: unknown; last: boolean },
): Promise<number> {
  const source = bytes ?? Readable.from([]); // no body: no more bytes
  if (!(source instanceof Readable)) throw badMessage("A blob is sent as application/octet-stream.");
  const reached = await blobs.append(hash, offset, source);
  return last ? blobs.complete(hash) : reached;
}

const noBlob = (hash: string) =>
  new AegisError({
    code: "not-found",
    message: `The blob ${hash} is not here.`,
    next: "Check the hash; blobs of finished jobs may have been removed.",
  });
