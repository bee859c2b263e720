import { concatBytes } from "@aegis-pool/core";
import { contractCall } from "@aegis-pool/sdk";
import { type Hex, keccak256, numberToHex, padHex } from "viem";
import { ChainClient, type Compiled, compileOwn, type Contract, startChain } from "../src/index.js";
import { type ChainAgent, certificateBy, hex, pool, signatureOf } from "./fixtures.js";

let compiled: Readonly<Record<string, Compiled>> | undefined;

/** One of our contracts; all are compiled once, which takes seconds. */
export function ownContract(name: string): Compiled {
  compiled ??= compileOwn("QuorumVerifier", "measure/GasMeter", "measure/PlainLoop");
  const contract = compiled[name];
  if (!contract) throw new TypeError(`there is no contract ${name}`);
  return contract;
}

/** A chain with a registry, whose registrar we are, and a verifier over it. */
export async function openMarket(chainId?: number) {
  const chain = await startChain(chainId);
  const client = await ChainClient.connect(chain.url);
  const registry = await client.deploy(ownContract("AgentRegistry"), [hex(pool), client.account]);
  const verifier = await client.deploy(ownContract("QuorumVerifier"), [registry.address]);
  return new Market(chain, client, registry, verifier);
}

type Signatures = readonly Uint8Array[];

export class Market {
  readonly chain: Awaited<ReturnType<typeof startChain>>;
  readonly client: ChainClient;
  readonly registry: Contract;
  readonly verifier: Contract;

  constructor(chain: Market["chain"], client: ChainClient, registry: Contract, verifier: Contract) {
    this.chain = chain;
    this.client = client;
    this.registry = registry;
    this.verifier = verifier;
  }

  async register(...agents: readonly ChainAgent[]): Promise<void> {
    for (const { address, operator } of agents) {
      await this.client.send(this.registry, { name: "register", args: [address, operator] });
    }
  }

  revoke({ address }: ChainAgent) {
    return this.client.send(this.registry, { name: "revoke", args: [address] });
  }

  signature(agent: ChainAgent): Uint8Array {
    return signatureOf(agent, this.chain.chainId);
  }

  signatures(agents: readonly ChainAgent[]): Signatures {
    return agents.map((agent) => this.signature(agent));
  }

  /** What the contracts are given for a certificate by these agents. */
  call(agents: readonly ChainAgent[]) {
    return contractCall(certificateBy(agents, this.chain.chainId));
  }

  /** "verified", or the name of what the verifier reverts with. */
  async verify(signatures: Signatures, { quorum = 3, result = this.call([]).result } = {}): Promise<string> {
    const args = [result, BigInt(quorum), hex(concatBytes(...signatures))];
    try {
      await this.client.read(this.verifier, { name: "verify", args });
      return "verified";
    } catch (error) {
      return revertName(error);
    }
  }

  /** Makes the registry hold an operator for an address that it would never take. */
  async forceOperator(address: Hex, operator: Hex): Promise<void> {
    // slots 0 and 1 are the registrar, present and to come; a mapping's value is at the hash of key and slot
    const slot = keccak256(`${padHex(address)}${padHex(numberToHex(2)).slice(2)}` as Hex);
    await this.client.setStorage(this.registry, slot, operator);
  }
}

/** The error's name that a contract, or a library in it, has declared. */
export function revertName(error: unknown): string {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { data } = cause as { data?: { errorName?: string } };
    if (data?.errorName) return data.errorName;
  }
  throw error;
}
