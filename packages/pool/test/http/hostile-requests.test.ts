import { isErrorCode } from "@aegis-pool/core";
import fc from "fast-check";
import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();

const key = "ab".repeat(32);
const json = { "content-type": "application/json" };
const octets = { "content-type": "application/octet-stream" };

/** Every route that takes something, with what it takes. */
const routes = [
  { method: "POST", path: "/v1/agents", headers: json },
  { method: "POST", path: "/v1/agents/revoke", headers: json },
  { method: "GET", path: `/v1/agents/${key}`, headers: {} },
  { method: "HEAD", path: `/v1/blobs/${key}`, headers: {} },
  { method: "GET", path: `/v1/blobs/${key}`, headers: {} },
  { method: "PATCH", path: `/v1/blobs/${key}`, headers: { ...octets, "upload-offset": "0", "upload-complete": "?1" } },
  { method: "POST", path: `/v1/jobs/${key}/tasks`, headers: json },
  { method: "GET", path: `/v1/jobs/${key}`, headers: { authorization: "Aegis AAAA" } },
  { method: "POST", path: `/v1/jobs/${key}/cancel`, headers: { authorization: "Aegis AAAA" } },
  { method: "GET", path: "/v1/log/entries?start=0", headers: {} },
  { method: "GET", path: "/v1/log/inclusion?index=0&size=1", headers: {} },
  { method: "GET", path: "/v1/log/consistency?from=0&to=1", headers: {} },
  { method: "GET", path: "/v1/pool", headers: {} },
];

/** What can stand in a path or a header without fetch itself refusing it. */
const printable = fc.stringMatching(/^[abz019\-_.%/?=&: {}[\]"'\\\u00e9]{0,40}$/);
const body = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record(
      {
        certificate: fc.base64String(),
        revocation: fc.base64String(),
        tasks: fc.array(
          fc.record({ manifest: fc.base64String(), signature: fc.base64String(), input: fc.base64String() }),
        ),
      },
      { requiredKeys: [] },
    )
    .map((value) => Buffer.from(JSON.stringify(value))),
);

const request = fc.record({
  route: fc.constantFrom(...routes),
  method: fc.option(fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"), { nil: undefined }),
  tail: fc.option(printable, { nil: "" }),
  headers: fc.dictionary(
    fc.constantFrom("content-type", "upload-offset", "upload-complete", "range", "authorization"),
    fc.constantFrom(
      "",
      "0",
      "-1",
      "1e9",
      "999999999999999",
      "?1",
      "bytes=5-",
      "bytes=-1",
      "text/plain",
      "application/json",
      "Aegis ",
      "*/*",
    ),
    { maxKeys: 3 },
  ),
  body: fc.option(body, { nil: undefined }),
});

describe("a request that is not of this protocol", () => {
  it("is answered with a stable code, and the pool lives", async () => {
    await fc.assert(
      fc.asyncProperty(request, async ({ route, method = route.method, tail, headers, body: sent }) => {
        const carries = sent && method !== "GET" && method !== "HEAD" ? { body: Uint8Array.from(sent) } : {};
        const url = new URL(pool().url + route.path + tail);
        const answer = await fetch(url, { method, headers: { ...route.headers, ...headers }, ...carries });
        expect(answer.status).not.toBe(500);
        expect(answer.headers.get("aegis-log-head")).toMatch(/^[\w-]{100,}$/);
        const text = await answer.text();
        if (answer.ok || method === "HEAD") return;
        const { error } = JSON.parse(text) as { error: { code: string; message: string; next: string } };
        expect(isErrorCode(error.code)).toBe(true);
        expect(error.message.length * error.next.length).toBeGreaterThan(0);
      }),
      { numRuns: 250 },
    );
    expect(pool().log.lines.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  it("to add JSON to a blob is refused", async () => {
    const url = new URL(`/v1/blobs/${key}`, pool().url);
    const headers = { ...json, "upload-offset": "0" };
    const answer = await fetch(url, { method: "PATCH", headers, body: "[1]" });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { code: "bad-message" } }]);
  });

  it.each([
    ["a path that cannot be read", "GET /%zz HTTP/1.1\r\nhost: p\r\nconnection: close\r\n\r\n", "bad-message"],
    [
      "a parameter without end",
      `GET /v1/agents/${"a".repeat(5_000)} HTTP/1.1\r\nhost: p\r\nconnection: close\r\n\r\n`,
      "",
    ],
    [
      "a body that claims to be larger than any",
      "POST /v1/agents HTTP/1.1\r\nhost: p\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\nconnection: close\r\n\r\n",
      "too-large",
    ],
    ["what is no HTTP", "\x00\x01\x02 hello\r\n\r\n", ""],
    ["a header without end", `GET /v1/pool HTTP/1.1\r\nx: ${"y".repeat(70_000)}`, ""],
  ])("%s is refused", async (_what, raw, code) => {
    const url = new URL(pool().url);
    const socket = connect(Number(url.port), url.hostname);
    let answer = "";
    socket.on("data", (bytes) => (answer += String(bytes))).on("error", () => undefined);
    socket.write(raw);
    await once(socket, "close");
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(answer).toContain(code);
    expect((await fetch(new URL("/healthz", pool().url))).status).toBe(200);
  });
});
