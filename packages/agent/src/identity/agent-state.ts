import { createHash } from "node:crypto";
import { join } from "node:path";
import { AegisError, AgentCertificate, Check, fromCbor, toCbor, toHex } from "@aegis-pool/core";
import {
  createEd25519Signer,
  createSecp256k1Signer,
  evmSignerFromPem,
  openKeyFile,
  readIfPresent,
  writeAtomically,
} from "@aegis-pool/platform";
import { type AgentKeys, certify } from "./enrolment.js";

/** The keys in an agent's folder, made at first use. `operatorKey` may lie elsewhere, shared by an operator's agents. */
export async function openAgentKeys(directory: string, operatorKey: string): Promise<AgentKeys> {
  return {
    operator: await openKeyFile(operatorKey, createEd25519Signer),
    agent: await openKeyFile(join(directory, "agent.key"), createEd25519Signer),
    evm: await openKeyFile(join(directory, "agent-evm.key"), createSecp256k1Signer, evmSignerFromPem),
  };
}

/**
 * The pool's key as this agent pins it: given by the owner, or seen first at this address.
 * @throws {AegisError} `pool-key-changed` where the pool now shows another
 */
export async function pinPool(
  directory: string,
  pool: { readonly url: string; readonly shown: string; readonly given: string | undefined },
): Promise<Uint8Array> {
  const path = join(directory, `pool-${nameOf(pool.url)}.pin`);
  const pinned = pool.given ?? (await readIfPresent(path)) ?? pool.shown;
  if (pinned.trim() !== pool.shown) throw keyChanged(pool.url, pinned.trim(), pool.shown);
  await writeAtomically(path, pool.shown);
  return Buffer.from(pool.shown, "hex");
}

/** The certificate for this pool, made once: the log holds one enrolment per agent. */
export async function openCertificate(directory: string, keys: AgentKeys, pool: Uint8Array): Promise<AgentCertificate> {
  const path = join(directory, `certificate-${toHex(pool).slice(0, 16)}.cbor`);
  const stored = parse(await readIfPresent(path));
  if (stored) return stored;
  const certificate = certify(keys, pool, Date.now());
  await writeAtomically(path, Buffer.from(toCbor(certificate)).toString("base64"));
  return certificate;
}

function parse(text: string | undefined): AgentCertificate | undefined {
  if (text === undefined) return undefined;
  const value = fromCbor(Buffer.from(text, "base64"));
  return Check(AgentCertificate, value) ? value : undefined;
}

function nameOf(url: string): string {
  return createHash("sha256").update(new URL(url).origin).digest("hex").slice(0, 16);
}

function keyChanged(url: string, pinned: string, shown: string): AegisError {
  return new AegisError({
    code: "pool-key-changed",
    message: `The pool at ${url} shows key ${shown.slice(0, 16)}…, but ${pinned.slice(0, 16)}… is pinned.`,
    next: "Somebody may be between you and the pool. If its operator confirms the new key, give it with --pool-key.",
  });
}
