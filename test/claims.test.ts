import { toCbor } from "@aegis-pool/core";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { headerOf, pool, writeEpoch } from "../packages/core/test/rewards/epoch/epochs.js";
import { downloadClaims } from "../packages/sdk/src/claims.js";
import type { PoolClient } from "../packages/sdk/src/pool-client/pool-client.js";

const [operator, ada, bob] = ["09".repeat(32), "a1".repeat(20), "b2".repeat(20)];
const settled = [
  { settled: "01".repeat(32), operator, amount: "70" },
  { settled: "02".repeat(32), operator: "08".repeat(32), amount: "7" },
];
const payouts = [
  { payout: operator, address: ada, amount: "60" },
  { payout: "08".repeat(32), address: bob, amount: "7" },
];
const epoch = writeEpoch(headerOf(0, undefined), { settled, payouts });
const number = headerOf(0, undefined).epoch;

/** What a pool of this key serves, but for what `change` does to it. */
function client(change = (text: string) => text, key = pool.publicKey): PoolClient {
  const statement = Buffer.from(toCbor(epoch.signed)).toString("base64url");
  const lines = [...epoch.lines.filter((line) => line.startsWith('{"address"')), JSON.stringify({ statement }), ""];
  return { key, getText: async () => change(lines.join("\n")) } as unknown as PoolClient;
}

describe("what addresses can claim", () => {
  it("is what the pool has signed, with a tree that has a proof for each", async () => {
    const { claimable, total, tree } = await downloadClaims(client(), number);
    expect([[...claimable], total]).toEqual([
      [
        [ada, 60n],
        [bob, 7n],
      ],
      67n,
    ]);
    expect(tree?.proof(Buffer.from(ada, "hex"))).toHaveLength(1);
  });

  it.each<[string, string, (text: string) => string]>([
    ["an amount is another", "claims", (text) => text.replace('"60"', '"61"')],
    ["an address is another", "claims", (text) => text.replace(ada, "a2".repeat(20))],
    ["an address is left out", "claims", (text) => text.slice(text.indexOf("\n") + 1)],
    ["a line is of something else", "line", (text) => `{"settled":1}\n${text}`],
    ["the statement is left out", "signature", (text) => text.slice(0, text.indexOf('{"statement"'))],
  ])("is refused where %s", async (_, mismatch, change) => {
    await expect(downloadClaims(client(change), number)).rejects.toMatchObject({
      code: "epoch-refused",
      message: expect.stringContaining(`[${mismatch}]`) as string,
    });
  });

  it("is refused where another key has signed it, or it is of another epoch", async () => {
    const other = createEd25519Signer().publicKey;
    await expect(downloadClaims(client(undefined, other), number)).rejects.toThrow("[signature]");
    await expect(downloadClaims(client(), number + 1)).rejects.toThrow("[signature]");
  });
});
