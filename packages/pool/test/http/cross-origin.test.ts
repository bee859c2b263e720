import { describe, expect, it } from "vitest";
import { sharedPool } from "../../../../test/fixtures/test-pool.js";

const pool = sharedPool();
const name = "a1".repeat(32);
const origin = "https://lender.example";

function ask(path: string, method = "GET", headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(new URL(path, pool().url), { method, headers: { origin, ...headers } });
}

/** What a browser asks before it sends something that no form could send (Fetch Standard, section 4.8). */
function askFirst(path: string, method: string): Promise<Response> {
  return ask(path, "OPTIONS", {
    "access-control-request-method": method,
    "access-control-request-headers": "content-type",
  });
}

describe("a page of another origin", () => {
  it("reads what a participant of a federated run reads, and the log's head with it, errors too", async () => {
    for (const path of [
      "/v1/pool",
      "/v1/log/entries?start=0",
      "/v1/log/inclusion?index=0&size=0",
      "/v1/log/consistency?from=0&to=0",
      `/v1/agents/${name}`,
      `/v1/federated/${name}?seen=0`,
      `/v1/federated/${name}/rounds/1`,
      `/v1/federated/${name}/files/${name}`,
    ]) {
      const { headers } = await ask(path);
      expect([path, headers.get("access-control-allow-origin")]).toEqual([path, "*"]);
      expect(headers.get("access-control-expose-headers")).toBe("aegis-log-head");
    }
  });

  it("may send a participant's statements and files", async () => {
    for (const [path, method] of [
      [`/v1/federated/${name}/seats`, "POST"],
      [`/v1/federated/${name}/files/${name}`, "PUT"],
    ] as const) {
      const { status, headers } = await askFirst(path, method);
      expect([status, headers.get("access-control-allow-origin")]).toEqual([204, "*"]);
      expect(headers.get("access-control-allow-methods")?.split(", ")).toContain(method);
      expect(headers.get("access-control-allow-headers")).toBe("content-type");
    }
  });

  it("reads and sends nothing else, and never with a cookie or a signature in a header", async () => {
    for (const path of [
      "/metrics",
      "/openapi.json",
      "/v1/books",
      "/v1/poolside",
      "/v1/federated",
      `/v1/jobs/${name}`,
      `/v1/agents/${name}/ratings`,
      `/v1/jobs/${name}?then=/v1/pool`,
    ]) {
      expect((await ask(path)).headers.get("access-control-allow-origin")).toBeNull();
    }
    expect((await askFirst(`/v1/jobs/${name}/tasks`, "POST")).status).toBe(404);
    const { headers } = await askFirst("/v1/pool", "GET");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
    expect(headers.get("access-control-allow-headers")).not.toContain("authorization");
  });
});
