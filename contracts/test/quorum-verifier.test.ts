import { certificateDigest, concatBytes, fromHex, toHex } from "@aegis-pool/core";
import { createEd25519Signer, evmPrimitives, primitives } from "@aegis-pool/platform";
import fc from "fast-check";
import { decodeEventLog, encodeFunctionData } from "viem";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { present } from "../../test/fixtures/present.js";
import { type Market, openMarket, ownContract, revertName } from "./chain.js";
import { agentsInOrder, type ChainAgent, chainAgent, hex, pool, signatureOf, statement } from "./fixtures.js";

let market: Market;
const agents = agentsInOrder(4) as [ChainAgent, ChainAgent, ChainAgent, ChainAgent];
const [first, second, third, unregistered] = agents;
const three = [first, second, third];
const sibling = chainAgent(createEd25519Signer());

beforeAll(async () => {
  market = await openMarket();
  await market.register(...three, { ...sibling, operator: second.operator });
});
afterAll(() => market.chain.stop());

/** What the verifier says when the second signature is another. */
function withSecond(signature: Uint8Array) {
  return market.verify([market.signature(first), signature, market.signature(third)]);
}

const order = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

/** The signature's other form: n - s, and the other v. */
function malleated(signature: Uint8Array): Uint8Array {
  const s = order - BigInt(hex(signature.subarray(32, 64)));
  const high = fromHex(s.toString(16).padStart(64, "0")) ?? new Uint8Array();
  return concatBytes(signature.subarray(0, 32), high, Uint8Array.of(55 - (signature[64] ?? 0)));
}

const withV = (signature: Uint8Array, v: number) => concatBytes(signature.subarray(0, 64), Uint8Array.of(v));

describe("the verifier on chain", () => {
  it("takes what the SDK makes of a certificate, by as many operators as are demanded or more", async () => {
    const { result, signatures } = market.call([third, first, second]);
    for (const quorum of [3, 1]) {
      const digest = await market.client.read(market.verifier, {
        name: "verify",
        args: [result, BigInt(quorum), signatures],
      });
      expect(digest).toMatch(/^0x[0-9a-f]{64}$/);
    }
    expect(await market.verify(market.signatures(three), { quorum: 4 })).toBe("TooFewSigners");
  });

  it("demands a quorum, and some signature", async () => {
    expect(await market.verify([], { quorum: 0 })).toBe("NoQuorum");
    expect(await market.verify(market.signatures(three), { quorum: 0 })).toBe("NoQuorum");
    expect(await market.verify([], { quorum: 1 })).toBe("TooFewSigners");
  });

  it("counts no operator twice: neither the same signature nor another agent's", async () => {
    const [one, two, last] = market.signatures(three) as [Uint8Array, Uint8Array, Uint8Array];
    expect(await market.verify([one, two, two])).toBe("OperatorsNotAscending");
    expect(await market.verify([one, two, market.signature(sibling), last])).toBe("OperatorsNotAscending");
    expect(await market.verify([one, market.signature(sibling), last])).toBe("verified"); // one of the two is one operator
  });

  it("takes signers in one order alone, whatever order they are tried in", async () => {
    const [one, two, last] = market.signatures(three) as [Uint8Array, Uint8Array, Uint8Array];
    for (const tried of [
      [two, one, last],
      [one, last, two],
      [last, two, one],
      [one, two, last, one],
      [two, two, two],
    ]) {
      expect(await market.verify(tried)).toBe("OperatorsNotAscending");
    }
  });

  it("does not know who is not registered, nor who is revoked", async () => {
    expect(await market.verify(market.signatures([first, second, unregistered]))).toBe("NotASigner");
    const revoked = chainAgent();
    await market.register(revoked);
    expect(await market.verify([market.signature(revoked)], { quorum: 1 })).toBe("verified");
    await market.revoke(revoked);
    expect(await market.verify([market.signature(revoked)], { quorum: 1 })).toBe("NotASigner");
  });

  it("refuses a signature in its other form, with another v, or zero", async () => {
    const signature = market.signature(second);
    expect(await withSecond(malleated(signature))).toBe("ECDSAInvalidSignatureS");
    expect(await withSecond(withV(signature, 55 - (signature[64] ?? 0)))).toBe("NotASigner");
    for (const v of [0, 1, 26, 29, 255]) expect(await withSecond(withV(signature, v))).toBe("ECDSAInvalidSignature");
    expect(await withSecond(withV(new Uint8Array(64), 27))).toBe("ECDSAInvalidSignature");
  });

  it("refuses the zero address, which a bad signature recovers to, even where a registry has it", async () => {
    const zero = "0x0000000000000000000000000000000000000000";
    await market.forceOperator(zero, second.operator);
    expect(await market.client.read(market.registry, { name: "operatorOf", args: [zero] })).toBe(second.operator);
    expect(await withSecond(withV(new Uint8Array(64), 27))).toBe("ECDSAInvalidSignature");
    expect(await withSecond(withV(market.signature(second), 29))).toBe("ECDSAInvalidSignature");
  });

  it("refuses signatures that are cut or too long", async () => {
    const all = concatBytes(...market.signatures(three));
    for (const length of [1, 64, 66, 194]) expect(await market.verify([all.subarray(0, length)])).toBe("SignaturesCut");
    expect(await market.verify([all, new Uint8Array(1)])).toBe("SignaturesCut");
    expect(await market.verify([all, new Uint8Array(65)])).toBe("ECDSAInvalidSignature");
  });

  it("refuses 10,000 signers before one signature is looked at", async () => {
    expect(await market.verify([new Uint8Array(10_000 * 65)])).toBe("TooManySigners");
    expect(await market.verify([new Uint8Array(33 * 65)])).toBe("TooManySigners");
  });

  it("refuses what was signed for another chain or another pool", async () => {
    const elsewhere = three.map((agent) => signatureOf(agent, 1));
    expect(await market.verify(elsewhere)).toBe("NotASigner");
    const otherPool = three.map((agent) => signatureOf(agent, market.chain.chainId, pool.with(0, 0x71)));
    expect(await market.verify(otherPool)).toBe("NotASigner");
  });

  it("refuses a result of which any bit is another", async () => {
    const signatures = market.signatures(three);
    const { result } = market.call([]);
    const fields = ["program", "shared", "input", "engine", "result"] as const;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...fields), fc.nat(255), async (field, bit) => {
        const altered = BigInt(result[field]) ^ (1n << BigInt(bit));
        const changed = { ...result, [field]: `0x${altered.toString(16).padStart(64, "0")}` } as typeof result;
        expect(await market.verify(signatures, { result: changed })).toBe("NotASigner");
      }),
      { numRuns: 40 },
    );
    expect(await market.verify(signatures, { result: { ...result, memoryBytes: 1n } })).toBe("NotASigner");
  });

  it("never takes signatures of which any bit is another", async () => {
    const all = concatBytes(...market.signatures(three));
    await fc.assert(
      fc.asyncProperty(fc.nat(all.length - 1), fc.nat(7), async (index, bit) => {
        const altered = all.map((byte, at) => (at === index ? byte ^ (1 << bit) : byte));
        expect(await market.verify([altered])).not.toBe("verified");
      }),
      { numRuns: 60 },
    );
  });
});

describe("the verifier's cost for a certificate of three", () => {
  it("is at most 40,000 gas, where nothing of it was touched before in the transaction", async () => {
    const meter = await market.client.deploy(ownContract("GasMeter"));
    const { result, signatures } = market.call(three);
    const { abi, address } = market.verifier;
    const call = encodeFunctionData({ abi, functionName: "verify", args: [result, 3n, signatures] });
    const { logs } = await market.client.send(meter, { name: "measure", args: [address, call] });
    const measured = decodeEventLog({ abi: meter.abi, ...present(logs[0]), eventName: "Measured" });
    const { gas } = measured.args as unknown as { gas: bigint };
    expect(Number(gas)).toBeLessThanOrEqual(40_000);
    expect(Number(gas)).toBeGreaterThan(15_000); // three ecrecover and six cold reads: less has not verified anything
  });
});

/** What comes of asking the registry for this. */
const refused = (name: string, args: readonly unknown[]) =>
  market.client.send(market.registry, { name, args }).then(() => "done", revertName);

describe("the registry", () => {
  it("takes an address for one operator, once, and never again when it is revoked", async () => {
    const agent = chainAgent();
    await market.register(agent);
    expect(await refused("register", [agent.address, agent.operator])).toBe("AlreadyKnown");
    expect(await refused("register", [agent.address, first.operator])).toBe("AlreadyKnown");
    await market.revoke(agent);
    expect(await refused("register", [agent.address, agent.operator])).toBe("AlreadyKnown");
    expect(await refused("revoke", [agent.address])).toBe("NotRegistered");
    expect(await refused("revoke", [chainAgent().address])).toBe("NotRegistered");
  });

  it("takes neither the zero address nor an operator that stands for something else", async () => {
    const { address } = chainAgent();
    expect(await refused("register", [`0x${"0".repeat(40)}`, first.operator])).toBe("NoSigner");
    for (const operator of ["00", "ff"]) {
      expect(await refused("register", [address, `0x${operator.repeat(32)}`])).toBe("NoOperator");
    }
  });

  it("is its registrar's alone, and another's only when that one accepts", async () => {
    const stranger = await market.client.deploy(ownContract("AgentRegistry"), [hex(pool), chainAgent().address]);
    const send = (name: string, args: readonly unknown[]) => market.client.send(stranger, { name, args });
    await expect(send("register", [first.address, first.operator])).rejects.toThrow("OwnableUnauthorizedAccount");
    await expect(send("revoke", [first.address])).rejects.toThrow("OwnableUnauthorizedAccount");
    await market.client.send(market.registry, { name: "transferOwnership", args: [chainAgent().address] });
    expect(await market.client.read(market.registry, { name: "owner", args: [] })).toBe(market.client.account);
  });

  it("tells of whom it takes up and lets go", async () => {
    const agent = chainAgent();
    const { address, operator } = agent;
    const registered = await market.client.send(market.registry, { name: "register", args: [address, operator] });
    const revoked = await market.revoke(agent);
    const events = [registered, revoked].flatMap(({ logs }) =>
      logs.map((log) => decodeEventLog({ abi: market.registry.abi, ...log }) as { eventName: string; args: unknown }),
    );
    expect(events.map(({ eventName }) => eventName)).toEqual(["Registered", "Revoked"]);
    for (const { args } of events) {
      expect(JSON.stringify(args).toLowerCase()).toContain(address.toLowerCase());
      expect(JSON.stringify(args)).toContain(operator);
    }
  });
});

it("signers and chain agree about what is signed", async () => {
  const digest = await market.client.read(market.verifier, { name: "digestOf", args: [market.call([]).result] });
  const domain = { pool, chainId: market.chain.chainId };
  expect(digest).toBe(`0x${toHex(certificateDigest(statement, domain, { ...primitives, ...evmPrimitives }))}`);
});
