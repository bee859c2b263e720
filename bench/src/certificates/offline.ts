import { domainNames, type QuorumCertificate, RevokedAgents, toHex } from "@aegis-pool/core";
import { evmAddress } from "@aegis-pool/platform";
import { contractCall, verifyQuorum } from "@aegis-pool/sdk";
import { type Hex, verifyTypedData } from "viem";
import { median } from "../statistics.js";
import { certificateBy, domain, type EnrolledAgents, enrolledAgents, fileOf } from "./signed.js";

const signers = 3;
const demand = { ...domain, quorum: signers, revoked: new RevokedAgents() };

/** Milliseconds in the middle of many certificates. */
export interface OfflineCosts {
  /** From a file's bytes to who has signed, by agents that have signed others before. */
  readonly known: number;
  /** The same where no enrolment was seen before. */
  readonly strangers: number;
  /** viem's `verifyTypedData` of each signature for its address: neither file nor enrolments. */
  readonly viem: number;
}

/** Rounds until everything is compiled. */
const warmUp = 20;

/** All kinds in turns, so that what else the machine does meets each. */
export async function offlineCosts(rounds: number): Promise<OfflineCosts> {
  const agents = enrolledAgents(signers);
  const costs: OfflineCosts[] = [];
  for (let round = -warmUp; round < rounds; round++) {
    const certificate = certificateBy(agents, round);
    const [own, others] = [fileOf(certificate), fileOf(certificateBy(enrolledAgents(signers), round))];
    const known = await timed(() => verifyQuorum(own, demand));
    const strangers = await timed(() => verifyQuorum(others, demand));
    const viem = await timed(() => verifyByViem(certificate, agents));
    if (round >= 0) costs.push({ known, strangers, viem });
  }
  const middle = (name: keyof OfflineCosts) => median(costs.map((cost) => cost[name]));
  return { known: middle("known"), strangers: middle("strangers"), viem: middle("viem") };
}

async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

const bytes32 = <N extends string>(name: N) => ({ name, type: "bytes32" }) as const;
const Result = [
  ...(["program", "shared", "input"] as const).map(bytes32),
  { name: "memoryBytes", type: "uint64" } as const,
  ...(["engine", "result"] as const).map(bytes32),
] as const;

async function verifyByViem(certificate: QuorumCertificate, agents: EnrolledAgents): Promise<void> {
  const { result: message } = contractCall(certificate);
  for (const [index, { signature }] of certificate.signers.entries()) {
    const key = agents[index]?.evm.publicKey ?? new Uint8Array();
    const typed = { types: { Result }, primaryType: "Result" as const, message: { ...message } };
    const isGenuine = await verifyTypedData({
      ...typed,
      address: hex(evmAddress(key)),
      domain: { ...domainNames, chainId: domain.chainId, salt: hex(domain.pool) },
      signature: hex(signature),
    });
    if (!isGenuine) throw new Error("viem and we do not agree about what is signed");
  }
}

const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;
