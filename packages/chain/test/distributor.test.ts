import { ClaimsTree, type Earning } from "@aegis-pool/core";
import { evmPrimitives } from "@aegis-pool/platform";
import type { Hex } from "viem";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type HostileNode, type NodeReply, startHostileNode } from "../../../test/fixtures/hostile-node.js";
import { present } from "../../../test/fixtures/present.js";
import { revertAfterEach, type SettledChain, startSettledChain } from "../../../test/fixtures/settled-chain.js";
import { ChainConnection, type Claim, Distributor, noRoot, type Post, revertOf } from "../src/index.js";

const pool = "70".repeat(32);
let chain: SettledChain;
let node: HostileNode;
let distributor: Distributor;

beforeAll(async () => {
  chain = await startSettledChain(pool);
  node = await startHostileNode(chain.chain.url);
  distributor = await open();
});
revertAfterEach(
  () => chain,
  () => node,
);
afterAll(async () => {
  await node.stop();
  await chain.stop();
});

const open = async (options = {}) =>
  Distributor.open(
    await ChainConnection.connect(node.url, { pauseMs: 1, ...options }),
    chain.settlement.distributor.address,
  );

const hex = (bytes: Uint8Array): Hex => `0x${Buffer.from(bytes).toString("hex")}`;
const earnings = [7_000_000_007n, 5_000_000_005n, 3_000_000_003n].map((amount, index) => ({
  address: new Uint8Array(20).fill(0xa1 + index),
  amount,
}));
const total = 15_000_000_015n;

function treeOf(all: readonly Earning[] = earnings): ClaimsTree {
  const tree = ClaimsTree.of(all, evmPrimitives);
  if (!(tree instanceof ClaimsTree)) throw new TypeError(tree.refused);
  return tree;
}

const post = (change: Partial<Post> = {}): Post => ({
  ...{ pool, epoch: 7n, previousRoot: noRoot, root: hex(treeOf().root), total },
  ...change,
});

function claimOf(index: number, tree = treeOf(), all: readonly Earning[] = earnings): Claim {
  const { address, amount } = present(all[index]);
  const proof = present(tree.proof(address)).map(hex);
  return { account: hex(address), cumulative: amount, root: hex(tree.root), proof };
}

const held = (account: Hex) => chain.read(chain.settlement.ais, "balanceOf", account);
/** By what name it was refused. */
const refusal = async (work: Promise<unknown>) => revertOf(await work.catch((error: unknown) => error));

describe("a distributor", () => {
  it("says what it is, before the first root and after", async () => {
    const { ais } = chain.settlement;
    const empty = { root: noRoot, epoch: 0n, total: 0n, paid: 0n, balance: 0n };
    const state = {
      pool,
      owner: chain.owner.address,
      token: expect.stringMatching(new RegExp(ais.address, "i")) as Hex,
    };
    expect(await distributor.state()).toEqual({ ...state, ...empty });
    await chain.send(ais, "mint", distributor.address, 99n);
    await distributor.post(chain.owner, post());
    expect(await distributor.state()).toEqual({
      ...{ ...state, root: post().root, epoch: 7n },
      ...{ total, paid: 0n, balance: 99n },
    });
  });

  it("takes a post once, and later epochs after it", async () => {
    const sent = await distributor.post(chain.owner, post());
    expect(sent).toMatchObject({ transaction: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string });
    expect(await distributor.post(chain.owner, post())).toBe("known");
    const next = post({ epoch: 12n, previousRoot: post().root, root: `0x${"12".repeat(32)}` });
    expect(await distributor.post(chain.owner, next)).not.toBe("known");
    expect(await distributor.state()).toMatchObject({ epoch: 12n, root: next.root });
  });

  it.each([
    ["NotTheLastRoot", { epoch: 8n, previousRoot: noRoot, root: `0x${"12".repeat(32)}` as const }],
    ["NotALaterEpoch", { epoch: 7n, root: `0x${"12".repeat(32)}` as const }],
    ["TotalShrinks", { epoch: 8n, total: total - 1n }],
    ["NotThisPool", { epoch: 8n, pool: "71".repeat(32) }],
    ["NoRoot", { epoch: 8n, root: noRoot }],
  ])("refuses a post by the name %s", async (name, change) => {
    await distributor.post(chain.owner, post());
    const refused = distributor.post(chain.owner, post({ previousRoot: post().root, ...change }));
    expect(await refusal(refused)).toBe(name);
    await expect(refused).rejects.toMatchObject({ code: "chain-refused", message: `The contract refuses: ${name}.` });
  });

  it("takes posts of its owner alone", async () => {
    expect(await refusal(distributor.post(chain.ada, post()))).toBe("OwnableUnauthorizedAccount");
  });

  it("has what it lacks minted, by who mints, and no more", async () => {
    await distributor.post(chain.owner, post());
    await chain.send(chain.settlement.ais, "mint", distributor.address, 10n);
    await expect(distributor.mintShortfall(chain.ada, 10n ** 18n)).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringContaining(chain.owner.address) as string },
    });
    await expect(distributor.mintShortfall(chain.owner, total - 11n)).rejects.toMatchObject({ code: "chain-refused" });
    expect(await distributor.mintShortfall(chain.owner, total - 10n)).toMatchObject({ minted: total - 10n });
    await distributor.claim(chain.ada, claimOf(0));
    expect(await distributor.mintShortfall(chain.owner, 10n ** 18n)).toEqual({ minted: 0n, sent: undefined });
    expect(await distributor.state()).toMatchObject({ balance: total - present(earnings[0]).amount });
    const beyond = post({ epoch: 8n, previousRoot: post().root, total: 2n * 10n ** 17n });
    await distributor.post(chain.owner, beyond);
    expect(await refusal(distributor.mintShortfall(chain.owner, 10n ** 18n))).toBe("ERC20ExceededCap");
  });
});

/** Runs what is to be mined first, after a claim was tried and signed. */
async function claimAfter(first: () => Promise<unknown>) {
  node.alter = async ({ method }) => {
    if (method !== "eth_sendRawTransaction") return undefined;
    node.alter = undefined;
    await first();
    return undefined;
  };
  return distributor.claim(chain.bob, claimOf(0));
}

describe("a claim", () => {
  beforeEach(async () => {
    await distributor.post(chain.owner, post());
    await distributor.mintShortfall(chain.owner, 10n ** 18n);
  });

  it("pays its account, whoever sends it, what was not claimed before", async () => {
    const claim = claimOf(1);
    expect(await distributor.claim(chain.bob, claim)).toMatchObject({ paid: claim.cumulative });
    expect([await held(claim.account), await distributor.claimed(claim.account)]).toEqual([
      ...[claim.cumulative, claim.cumulative],
    ]);
    const more = earnings.map((earning) => ({ ...earning, amount: earning.amount + 11n }));
    const tree = treeOf(more);
    await distributor.post(
      chain.owner,
      post({ epoch: 8n, previousRoot: claim.root, root: hex(tree.root), total: total + 33n }),
    );
    expect(await distributor.claim(chain.bob, claimOf(1, tree, more))).toMatchObject({ paid: 11n });
  });

  it("of what was claimed before, or for a root that is no more, says so", async () => {
    await distributor.claim(chain.bob, claimOf(0));
    expect(await distributor.claim(chain.ada, claimOf(0))).toEqual({ refused: "nothing-to-claim" });
    await distributor.post(chain.owner, post({ epoch: 8n, previousRoot: post().root, root: `0x${"12".repeat(32)}` }));
    expect(await distributor.claim(chain.ada, claimOf(1))).toEqual({ refused: "root-changed" });
  });

  it("with another amount or proof is refused by name", async () => {
    expect(await refusal(distributor.claim(chain.bob, { ...claimOf(0), cumulative: 1n }))).toBe("NotInTheTree");
    expect(await refusal(distributor.claim(chain.bob, { ...claimOf(0), proof: [] }))).toBe("NotInTheTree");
  });

  it("that another claim comes before is told so, though it was right when it was sent", async () => {
    const direct = await Distributor.open(await ChainConnection.connect(chain.chain.url), distributor.address);
    expect(await claimAfter(() => direct.claim(chain.ada, claimOf(0)))).toEqual({ refused: "nothing-to-claim" });
    expect(await held(claimOf(0).account)).toBe(claimOf(0).cumulative);
  });

  it("that a post comes before is told so, though it was right when it was sent", async () => {
    const next = post({ epoch: 8n, previousRoot: post().root, root: `0x${"12".repeat(32)}` });
    const direct = await Distributor.open(await ChainConnection.connect(chain.chain.url), distributor.address);
    expect(await claimAfter(() => direct.post(chain.owner, next))).toEqual({ refused: "root-changed" });
  });

  it("of which one of two in a block pays tells each what became of it", async () => {
    await chain.ask("evm_setAutomine", false);
    let isSecond: (() => void) | undefined;
    node.alter = async ({ method }) => {
      if (method !== "eth_sendRawTransaction") return undefined;
      isSecond?.();
      await new Promise<void>((both) => {
        const first = isSecond;
        if (first) both();
        isSecond = both;
      });
      return undefined;
    };
    const both = Promise.all([chain.ada, chain.bob].map((key) => distributor.claim(key, claimOf(2))));
    await expect.poll(() => chain.pending()).toBe(2);
    await chain.minePending();
    const answers = await both;
    expect(answers).toContainEqual({ refused: "nothing-to-claim" });
    expect(answers).toContainEqual(expect.objectContaining({ paid: claimOf(2).cumulative }));
    expect(await held(claimOf(2).account)).toBe(claimOf(2).cumulative);
  });

  it("after one that is on its way to a block is not sent, and told why", async () => {
    await chain.ask("evm_setAutomine", false);
    const first = distributor.claim(chain.ada, claimOf(2));
    await expect.poll(() => chain.pending()).toBe(1);
    expect(await distributor.claim(chain.bob, claimOf(2))).toEqual({ refused: "nothing-to-claim" });
    expect(await chain.pending()).toBe(1);
    await chain.minePending();
    expect(await first).toMatchObject({ paid: claimOf(2).cumulative });
  });

  it("without money for gas, or with a node that takes no transaction, says so", async () => {
    await chain.ask("anvil_setBalance", chain.bob.address, "0x1");
    await expect(distributor.claim(chain.bob, claimOf(0))).rejects.toMatchObject({
      ...{ code: "chain-refused", next: expect.stringMatching(/gas/) as string },
    });
    node.alter = ({ method }) =>
      method === "eth_sendRawTransaction"
        ? { error: { code: -32_000, message: "transaction underpriced" } }
        : undefined;
    await expect(distributor.claim(chain.ada, claimOf(0))).rejects.toMatchObject({
      ...{ code: "chain-refused", message: expect.stringMatching(/transaction underpriced/) as string },
    });
  });

  it("whose transaction a node takes and then is busy, stalls or refuses is waited for all the same", async () => {
    const replies: readonly NodeReply[] = [
      { status: 503, body: "" },
      "stall",
      { error: { code: -32_000, message: "no" } },
    ];
    for (const [index, reply] of replies.entries()) {
      node.alter = async ({ method }, honest) => {
        if (method !== "eth_sendRawTransaction") return undefined;
        await honest();
        return reply;
      };
      const impatient = await open({ timeoutMs: 500 });
      expect(await impatient.claim(chain.ada, claimOf(index))).toMatchObject({ paid: claimOf(index).cumulative });
    }
  });

  it("whose transaction may have been taken by a node that is gone names the transaction", async () => {
    let isGone = false;
    node.alter = ({ method }) => {
      isGone ||= method === "eth_sendRawTransaction";
      return isGone ? { status: 401, body: "" } : undefined;
    };
    await expect(distributor.claim(chain.ada, claimOf(0))).rejects.toMatchObject({
      code: "chain-unreachable",
      message: expect.stringMatching(/was given transaction 0x[0-9a-f]{64}, and does not say/) as string,
    });
  });

  it("that is in no block is not waited for without end", async () => {
    const impatient = await open({ minedMs: 100 });
    await chain.ask("evm_setAutomine", false);
    await expect(impatient.claim(chain.ada, claimOf(0))).rejects.toMatchObject({
      ...{
        code: "chain-unreachable",
        message: expect.stringMatching(/^Transaction 0x[0-9a-f]{64} is in no block/) as string,
      },
    });
  });
});
