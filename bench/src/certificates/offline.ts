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

/** Until everything is compiled. */
const warmUp = { rounds: 2, certificates: 1_500 };
/** Certificates of each kind in a round: one after another, as whoever checks many does. */
const perRound = { known: 20, strangers: 4, viem: 4 };

/** All kinds in turns, so that what else the machine does meets each. */
export async function offlineCosts(rounds: number): Promise<OfflineCosts> {
  const agents = enrolledAgents(signers);
  for (const file of certificatesBy(agents, warmUp.certificates).map(fileOf)) verifyQuorum(file, demand);
  const times: Record<keyof OfflineCosts, number[]> = { known: [], strangers: [], viem: [] };
  for (let round = -warmUp.rounds; round < rounds; round++) {
    const took = await roundOf(agents);
    if (round < 0) continue;
    for (const kind of kinds) times[kind].push(...took[kind]);
  }
  return { known: median(times.known), strangers: median(times.strangers), viem: median(times.viem) };
}

const kinds = ["known", "strangers", "viem"] as const;

async function roundOf(agents: EnrolledAgents): Promise<Record<keyof OfflineCosts, number[]>> {
  const files = certificatesBy(agents, perRound.known).map(fileOf);
  const others = Array.from({ length: perRound.strangers }, (_, number) =>
    fileOf(certificateBy(enrolledAgents(signers), number)),
  );
  const signed = certificatesBy(agents, perRound.viem);
  return {
    known: await timed(files, (file) => verifyQuorum(file, demand)),
    strangers: await timed(others, (file) => verifyQuorum(file, demand)),
    viem: await timed(signed, (certificate) => verifyByViem(certificate, agents)),
  };
}

function certificatesBy(agents: EnrolledAgents, count: number): QuorumCertificate[] {
  return Array.from({ length: count }, (_, number) => certificateBy(agents, number));
}

async function timed<T>(things: readonly T[], work: (thing: T) => unknown): Promise<number[]> {
  const times: number[] = [];
  for (const thing of things) {
    const started = performance.now();
    await work(thing);
    times.push(performance.now() - started);
  }
  return times;
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
