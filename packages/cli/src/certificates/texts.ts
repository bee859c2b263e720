import { noShared, equalBytes, toHex } from "@aegis-pool/core";
import { type PoolSigner, signersOf, type VerifiedQuorum } from "@aegis-pool/sdk";
import { table } from "../terminal/table.js";

/** What a certificate says, in hexadecimal. */
export function factsOf(verified: VerifiedQuorum) {
  const { domain, statement } = verified.certificate;
  const { program, shared, input, memoryBytes, engine, result } = statement;
  return {
    pool: toHex(domain.pool),
    chainId: domain.chainId,
    program: toHex(program),
    ...(!equalBytes(shared, noShared) && { shared: toHex(shared) }),
    input: toHex(input),
    memoryBytes,
    engine,
    result: toHex(result),
    signers: signersOf(verified),
  };
}

/** The same for people, and what they did not ask for. */
export function describeCertificate(
  verified: VerifiedQuorum,
  asked: { readonly isPoolGiven: boolean; readonly areRevocationsGiven: boolean },
): string {
  const facts = factsOf(verified);
  const { signers } = facts;
  return [
    `Genuine: ${signers.length} operator${signers.length === 1 ? " says" : "s say"} that this program gives this result`,
    `  program   ${facts.program}`,
    ...(facts.shared === undefined ? [] : [`  shared    ${facts.shared}`]),
    `  input     ${facts.input}`,
    `  result    ${facts.result}`,
    `  engine    ${facts.engine}, ${facts.memoryBytes} bytes of memory`,
    `  chain     ${facts.chainId}`,
    `  pool      ${facts.pool}${asked.isPoolGiven ? "" : " (as the file names it: compare it with the one you trust)"}`,
    ...signers.map(({ operator, address }) => `  operator  ${operator}, by ${address}`),
    ...(asked.areRevocationsGiven ? [] : ["  Whether an agent was revoked is not known: give --pool or --revocations"]),
  ].join("\n");
}

export function describeSigners(signers: readonly PoolSigner[], revocations: number): string {
  const rows = signers.map(({ address, operator }) => [address, operator]);
  const revoked = `${revocations} revoked`;
  return rows.length === 0
    ? `Nobody is enrolled here; ${revoked}.`
    : `${table([{ title: "address" }, { title: "operator" }], rows)}\n${revoked}`;
}
