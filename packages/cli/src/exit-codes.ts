import { AegisError, type ErrorCode } from "@aegis-pool/core";

/** What `aegis` exits with; scripts may rely on them. See docs/exit-codes.md. */
export const exitCodes = {
  ok: 0,
  /** Something failed that is none of those below; of a job: at least one task. */
  failed: 1,
  /** The command line is not understood, or an argument is out of range. */
  usage: 2,
  /** The pool, or the chain, cannot be reached. */
  unreachable: 3,
  /** Something is not genuine: a key, a signature, a log, a result. */
  notGenuine: 4,
  /** Budget or deadline ended the job. */
  exhausted: 5,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

const byCode: Partial<Record<ErrorCode, number>> = {
  "bad-argument": exitCodes.usage,
  "pool-unreachable": exitCodes.unreachable,
  "chain-unreachable": exitCodes.unreachable,
  "pool-key-changed": exitCodes.notGenuine,
  "bad-signature": exitCodes.notGenuine,
  "certificate-refused": exitCodes.notGenuine,
  "epoch-refused": exitCodes.notGenuine,
  "federated-refused": exitCodes.notGenuine,
  "log-mismatch": exitCodes.notGenuine,
  "result-mismatch": exitCodes.notGenuine,
  "budget-exceeded": exitCodes.exhausted,
  "insufficient-funds": exitCodes.exhausted,
  "deadline-passed": exitCodes.exhausted,
  cancelled: exitCodes.interrupted,
};

/** The exit code for an error. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof AegisError ? byCode[error.code] : undefined) ?? exitCodes.failed;
}
