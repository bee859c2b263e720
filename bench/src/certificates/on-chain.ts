import { ChainClient, type Compiled, compileOwn, type Contract, startChain } from "@aegis-pool/contracts";
import { toHex } from "@aegis-pool/core";
import { evmAddress } from "@aegis-pool/platform";
import { contractCall } from "@aegis-pool/sdk";
import { decodeEventLog, encodeFunctionData, type Hex } from "viem";
import { cleanedUp } from "../cleanups.js";
import { certificateBy, domain, enrolledAgents } from "./signed.js";

const signers = 3;

/** Gas of checking a certificate of three. */
export interface OnChainCosts {
  /** The call of `verify` by another contract, gasleft() around it; nothing was touched before in the transaction. */
  readonly verify: number;
  /** A transaction that does nothing but call `verify`: with its 21,000 and its data. */
  readonly transaction: number;
  /** The call of a loop over OpenZeppelin's SignatureChecker. */
  readonly plainLoop: number;
}

export async function onChainCosts(): Promise<OnChainCosts> {
  const chain = await startChain(domain.chainId);
  const stop = cleanedUp(() => chain.stop());
  try {
    return await measure(await ChainClient.connect(chain.url));
  } finally {
    await stop();
  }
}

async function measure(client: ChainClient): Promise<OnChainCosts> {
  const compiled = compileOwn("QuorumVerifier", "measure/GasMeter", "measure/PlainLoop");
  const deploy = (name: string, args: readonly unknown[] = []) => client.deploy(compiled[name] as Compiled, args);
  const agents = enrolledAgents(signers);
  const registry = await deploy("AgentRegistry", [hex(domain.pool), client.account]);
  const addresses = agents.map(({ evm }) => hex(evmAddress(evm.publicKey)));
  for (const [index, { operator }] of agents.entries()) {
    await client.send(registry, { name: "register", args: [addresses[index], `0x${operator}`] });
  }
  const meter = await deploy("GasMeter");
  const [verifier, plain] = [
    await deploy("QuorumVerifier", [registry.address]),
    await deploy("PlainLoop", [registry.address]),
  ];
  const { result, signatures } = contractCall(certificateBy(agents, 7));
  const args = [result, BigInt(signers), signatures];
  const { gasUsed } = await client.send(verifier, { name: "verify", args });
  const plainDigest = (await client.read(plain, { name: "digestOf", args: [result] })) as Hex;
  const plainSignatures = agents.map(({ evm }) => hex(evm.signDigest(Buffer.from(plainDigest.slice(2), "hex"))));
  const plainArgs = [result, BigInt(signers), addresses, plainSignatures];
  return {
    verify: await metered(client, meter, verifier, args),
    transaction: Number(gasUsed),
    plainLoop: await metered(client, meter, plain, plainArgs),
  };
}

async function metered(client: ChainClient, meter: Contract, of: Contract, args: readonly unknown[]): Promise<number> {
  const call = encodeFunctionData({ abi: of.abi, functionName: "verify", args });
  const { logs } = await client.send(meter, { name: "measure", args: [of.address, call] });
  const [log] = logs;
  if (!log) throw new Error("the meter has said nothing");
  const { args: measured } = decodeEventLog({ abi: meter.abi, ...log });
  return Number((measured as unknown as { gas: bigint }).gas);
}

const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;
