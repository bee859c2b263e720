import { concatBytes, type QuorumCertificate, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

type Hex = `0x${string}`;

/** A certificate as `QuorumVerifier.verify` takes it. */
export interface ContractCall {
  readonly result: {
    readonly program: Hex;
    readonly shared: Hex;
    readonly input: Hex;
    readonly memoryBytes: bigint;
    /** SHA-256 of engine and version. */
    readonly engine: Hex;
    readonly result: Hex;
  };
  /** All signatures one after another, in the certificate's order. */
  readonly signatures: Hex;
}

export function contractCall({ statement, signers }: QuorumCertificate): ContractCall {
  const { program, shared, input, memoryBytes, engine, result } = statement;
  return {
    result: {
      program: hex(program),
      shared: hex(shared),
      input: hex(input),
      memoryBytes: BigInt(memoryBytes),
      engine: hex(primitives.sha256(primitives.text.encode(engine))),
      result: hex(result),
    },
    signatures: hex(concatBytes(...signers.map(({ signature }) => signature))),
  };
}

const hex = (bytes: Uint8Array): Hex => `0x${toHex(bytes)}`;
