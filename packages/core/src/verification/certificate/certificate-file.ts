import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import type { TextCoding } from "../../protocol/values.js";
import { equalBytes, fromHex, toHex } from "../../shared/bytes.js";
import { Exactly, Whole } from "../../shared/schema.js";
import { certificateLimits, type QuorumCertificate } from "./quorum-certificate.js";
import { signatureBytes } from "./signature.js";

/** Bytes as lower-case hexadecimal text. */
const Hex = (minimum: number, maximum = minimum) => Type.String({ pattern: `^([0-9a-f]{2}){${minimum},${maximum}}$` });

const hexOf32 = Hex(32);

/** A certificate as a file has it: JSON, its properties in this order, no white space, and a line's end. */
const WrittenCertificate = Exactly({
  aegisCertificate: Type.Literal(1),
  pool: hexOf32,
  chainId: Whole(1),
  program: hexOf32,
  shared: hexOf32,
  input: hexOf32,
  memoryBytes: Whole(),
  /** Printable, since it is printed. */
  engine: Type.String({ pattern: "^[ -~]{1,64}$" }),
  result: hexOf32,
  signers: Type.Array(
    Exactly({
      enrolment: Exactly({ body: Hex(1, 1_024), operator: Hex(64), agent: Hex(64), evm: Hex(64) }),
      signature: Hex(signatureBytes),
    }),
    { maxItems: certificateLimits.signers },
  ),
});
type WrittenCertificate = Static<typeof WrittenCertificate>;
const written = Compile(WrittenCertificate);

/** Why bytes are no certificate. "not-canonical": they say the same as other bytes would, so one certificate would have many names. */
export type FileRefusal = "too-large" | "not-json" | "unknown-version" | "malformed" | "not-canonical";

/** The one file of a certificate. */
export function encodeCertificate(certificate: QuorumCertificate, text: TextCoding): Uint8Array {
  return text.encode(`${JSON.stringify(toWritten(certificate))}\n`);
}

/** The certificate in a file of hostile origin, nothing of which is verified; or why there is none. */
export function parseCertificate(file: Uint8Array, text: TextCoding): QuorumCertificate | FileRefusal {
  if (file.length > certificateLimits.fileBytes) return "too-large";
  const value = parseJson(file, text);
  if (typeof value !== "object" || value === null) return "not-json";
  if ((value as { aegisCertificate?: unknown }).aegisCertificate !== 1) return "unknown-version";
  if (!written.Check(value)) return "malformed";
  const certificate = fromWritten(value);
  return equalBytes(encodeCertificate(certificate, text), file) ? certificate : "not-canonical";
}

function parseJson(file: Uint8Array, text: TextCoding): unknown {
  try {
    return JSON.parse(text.decode(file)) as unknown;
  } catch {
    return undefined;
  }
}

function toWritten({ domain, statement, signers }: QuorumCertificate): WrittenCertificate {
  return {
    aegisCertificate: 1,
    pool: toHex(domain.pool),
    chainId: domain.chainId,
    program: toHex(statement.program),
    shared: toHex(statement.shared),
    input: toHex(statement.input),
    memoryBytes: statement.memoryBytes,
    engine: statement.engine,
    result: toHex(statement.result),
    signers: signers.map(({ enrolment, signature }) => ({
      enrolment: {
        body: toHex(enrolment.body),
        operator: toHex(enrolment.operatorSignature),
        agent: toHex(enrolment.agentSignature),
        evm: toHex(enrolment.evmSignature),
      },
      signature: toHex(signature),
    })),
  };
}

function fromWritten(value: WrittenCertificate): QuorumCertificate {
  const { pool, chainId, program, shared, input, memoryBytes, engine, result, signers } = value;
  return {
    domain: { pool: bytes(pool), chainId },
    statement: {
      program: bytes(program),
      shared: bytes(shared),
      input: bytes(input),
      memoryBytes,
      engine,
      result: bytes(result),
    },
    signers: signers.map(({ enrolment, signature }) => ({
      enrolment: {
        body: bytes(enrolment.body),
        operatorSignature: bytes(enrolment.operator),
        agentSignature: bytes(enrolment.agent),
        evmSignature: bytes(enrolment.evm),
      },
      signature: bytes(signature),
    })),
  };
}

/** The schema has seen to it that the text is hexadecimal. */
function bytes(hex: string): Uint8Array {
  return fromHex(hex) ?? new Uint8Array(0);
}
