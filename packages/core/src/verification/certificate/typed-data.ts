import type { Primitives } from "../../privacy/primitives.js";
import { ascii, bigEndian, concatBytes } from "../../shared/bytes.js";
import type { EvmPrimitives } from "./evm-primitives.js";
import type { ResultStatement } from "./result-statement.js";

/** Where a certificate holds: for one pool's agents and on one chain. It names no contract, which would tell agents who asks and what for. */
export interface CertificateDomain {
  /** The pool's Ed25519 key. */
  readonly pool: Uint8Array;
  /** EIP-155's number of the chain, 1 to 2^53-1. */
  readonly chainId: number;
}

/** What digests are made with. */
export type DigestPrimitives = Pick<Primitives, "sha256" | "text"> & Pick<EvmPrimitives, "keccak256">;

/** EIP-712's name and version of our domain; the version goes up when what is signed, or what deterministic programs see, changes. */
export const domainNames = { name: "Aegis Pool", version: "1" } as const;

/** The types as EIP-712 writes them (`encodeType`); contracts/src/QuorumVerifier.sol has the same. */
export const certificateTypes = {
  domain: "EIP712Domain(string name,string version,uint256 chainId,bytes32 salt)",
  result: "Result(bytes32 program,bytes32 shared,bytes32 input,uint64 memoryBytes,bytes32 engine,bytes32 result)",
} as const;

/** The digest that is signed: keccak256(0x1901 || domain separator || hash of the struct), EIP-712. */
export function certificateDigest(
  statement: ResultStatement,
  domain: CertificateDomain,
  primitives: DigestPrimitives,
): Uint8Array {
  const { keccak256 } = primitives;
  return keccak256(Uint8Array.of(0x19, 0x01), domainSeparator(domain, primitives), structHash(statement, primitives));
}

function domainSeparator({ pool, chainId }: CertificateDomain, { keccak256 }: DigestPrimitives): Uint8Array {
  return keccak256(
    keccak256(ascii(certificateTypes.domain)),
    keccak256(ascii(domainNames.name)),
    keccak256(ascii(domainNames.version)),
    word(chainId),
    hash(pool),
  );
}

function structHash(statement: ResultStatement, { keccak256, sha256, text }: DigestPrimitives): Uint8Array {
  const { program, shared, input, memoryBytes, engine, result } = statement;
  return keccak256(
    keccak256(ascii(certificateTypes.result)),
    hash(program),
    hash(shared),
    hash(input),
    word(memoryBytes),
    sha256(text.encode(engine)),
    hash(result),
  );
}

function word(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number from 0 to 2^53-1`);
  return concatBytes(new Uint8Array(24), bigEndian(value, 8));
}

/** Of another length, bytes would move from one field into the next and be signed as something else. */
function hash(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== 32) throw new RangeError(`a hash or a key has 32 bytes, not ${bytes.length}`);
  return bytes;
}
