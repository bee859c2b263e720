import { AegisError } from "@aegis-pool/core";

/** Codes of OpenSSL and Node.js that say that a certificate is not trusted, not for this name or not of this time. */
const untrusted = /CERT|UNABLE_TO_VERIFY|INVALID_CA|HOSTNAME_MISMATCH/;

/** Why no pool answers at `origin`, from what `fetch` threw. */
export function poolUnreachable(origin: string, cause: unknown): AegisError {
  const { code = "" } = (cause as { cause?: { code?: string } }).cause ?? {};
  if (untrusted.test(code)) {
    return new AegisError({
      code: "pool-unreachable",
      message: `What answers at ${origin} shows a certificate that this machine does not trust (${code}).`,
      next: "Check the URL's host name. If the pool's operator made the certificate, set NODE_EXTRA_CA_CERTS to a file that holds it.",
      cause,
    });
  }
  return new AegisError({
    code: "pool-unreachable",
    message: `No pool answers at ${origin}.`,
    next: "Check the URL and that the pool runs (`aegis pool` starts one).",
    cause,
  });
}
