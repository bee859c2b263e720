import {
  fromCbor,
  readStatement,
  receiptStatement,
  type ReceiptStatement,
  runStatement,
  type RunStatement,
  type SettlementStatement,
  settlementStatement,
  type Signer,
  signStatement,
  toCbor,
} from "@aegis-pool/core";
import { beforeAll, describe, expect, it } from "vitest";
import { connectFunded } from "../../../test/fixtures/accounts.js";
import { present } from "../../../test/fixtures/present.js";
import { agentKeys, ScriptedAgent } from "../../../test/fixtures/scripted-agent.js";
import { readEarning } from "../src/earnings.js";
import { type ReceiptBundle, verifyReceipt } from "../src/index.js";
import { dishonestPool, program } from "./fixtures.js";

const { pool } = dishonestPool();
let bundle: ReceiptBundle;
let other: ReceiptBundle;
let signer: Signer;

beforeAll(async () => {
  const [first, second] = [await earned(), await earned()];
  [bundle, other, signer] = [first.bundle, second.bundle, first.signer];
});

async function earned(): Promise<{ bundle: ReceiptBundle; signer: Signer }> {
  const { agent } = await ScriptedAgent.ready(pool());
  const requester = await connectFunded(pool().url);
  const job = await requester.map(program, ["x"], { operators: [agent.operator] });
  const [result] = await Promise.all([job[Symbol.asyncIterator]().next(), agent.work()]);
  const { receipt } = result.value as { receipt: ReceiptBundle | undefined };
  return { bundle: present(receipt), signer: agent.keys.agent };
}

const key = () => pool().client.key;

/** The bundle with one field of one of its signed bodies changed, the signature left as it was. */
function tampered(part: keyof ReceiptBundle, field: string): ReceiptBundle {
  const body = fromCbor(bundle[part].body) as Record<string, unknown>;
  const value = body[field];
  const altered = value instanceof Uint8Array ? Uint8Array.from(value, (byte) => byte ^ 1) : changed(value);
  return { ...bundle, [part]: { ...bundle[part], body: toCbor({ ...body, [field]: altered }) } };
}

function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  return value === "completed" ? "threw" : `${String(value)}1`;
}

const parts = ["certificate", "run", "receipt"] as const;

/** The names of those forgeries that pass for genuine. */
function accepted(forgeries: readonly (readonly [name: string, forgery: ReceiptBundle])[]): string[] {
  return forgeries.filter(([, forgery]) => verifies(forgery)).map(([name]) => name);
}

function verifies(forgery: ReceiptBundle): boolean {
  try {
    verifyReceipt(forgery, key());
    return true;
  } catch {
    return false;
  }
}

describe("a receipt", () => {
  it("verifies offline, against the pool's key alone", () => {
    expect(verifyReceipt(bundle, key()).receipt).toMatchObject({ payment: "paid", fence: 1 });
  });

  it("is refused when any one field of it is changed", () => {
    const forgeries = parts.flatMap((part) =>
      Object.keys(fromCbor(bundle[part].body) as object).map(
        (field) => [`${part}.${field}`, tampered(part, field)] as const,
      ),
    );
    expect(forgeries.length).toBeGreaterThan(20);
    expect(accepted(forgeries)).toEqual([]);
  });

  it("is refused when any signature is changed, or taken from another", () => {
    const ofCertificate = (["operatorSignature", "agentSignature", "evmSignature"] as const).map((name) => {
      const certificate = { ...bundle.certificate, [name]: other.certificate[name] };
      return [name, { ...bundle, certificate }] as const;
    });
    const ofStatements = (["run", "receipt"] as const).map(
      (part) => [part, { ...bundle, [part]: { ...bundle[part], signature: other[part].signature } }] as const,
    );
    expect(accepted([...ofCertificate, ...ofStatements])).toEqual([]);
  });

  it("is refused when whole parts are taken from another, though each is genuine", () => {
    expect(accepted(parts.map((part) => [part, { ...bundle, [part]: other[part] }]))).toEqual([]);
  });

  it("is refused when the agent itself states the run otherwise than it did", () => {
    const statement = fromCbor(bundle.run.body) as RunStatement;
    const run = signStatement(runStatement, { ...statement, ranMs: statement.ranMs + 1 }, signer);
    expect(accepted([["restated", { ...bundle, run }]])).toEqual([]);
  });

  it("is refused for another pool, and where the amounts do not add up", () => {
    expect(() => verifyReceipt(bundle, agentKeys().agent.publicKey)).toThrow("does not verify");
    const statement = fromCbor(bundle.receipt.body) as ReceiptStatement;
    const greedy = signStatement(receiptStatement, { ...statement, fee: "1000" }, pool().signer);
    expect(() => verifyReceipt({ ...bundle, receipt: greedy }, key())).toThrow("the sum of the amounts");
  });
});

const base64 = (value: unknown) => Buffer.from(toCbor(value)).toString("base64url");

/** What is shown of the earning, with a settlement as the pool signs it, but for what `change` says. */
function earning(change: Partial<SettlementStatement> = {}, by: Signer = pool().signer) {
  const receipt = present(readStatement(receiptStatement, bundle.receipt));
  const { number, agent, operator, run, reward, fee } = receipt;
  const about = { number, pool: key(), agent, operator, run, verdict: "agreed" as const };
  const statement = { ...about, reward, fee, refund: "0", withheld: "0", settledAt: 1, ...change };
  const [certificate, signedRun, signedReceipt] = [bundle.certificate, bundle.run, bundle.receipt].map(base64);
  const settlement = base64(signStatement(settlementStatement, statement, by));
  const texts = { certificate: certificate ?? "", run: signedRun ?? "", receipt: signedReceipt ?? "" };
  return readEarning({ line: 1, ...texts, settlement }, key());
}

describe("a settlement", () => {
  it("is read with its receipt, where the pool has signed it for this result and its parts are the charge", () => {
    expect(earning()).toMatchObject({ problem: undefined, settlement: { verdict: "agreed" } });
  });

  it("is not believed where it is another's, not signed by the pool, or does not add up", () => {
    const bytes = new Uint8Array(32).fill(7);
    const forged = [
      earning({}, signer),
      earning({ number: 12_345 }),
      earning({ run: bytes }),
      earning({ agent: bytes }),
      earning({ operator: bytes }),
      earning({ refund: "1" }),
      earning({ withheld: "1" }),
    ];
    for (const { problem, settlement, verified } of forged) {
      expect([problem, settlement, verified]).toEqual([
        expect.stringContaining("settlement of a held result does not verify"),
        undefined,
        undefined,
      ]);
    }
  });
});
