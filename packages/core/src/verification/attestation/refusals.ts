/** Why evidence proves nothing, or not what a task asks for, in words. Each name is a refusal of its own. */
const words = {
  "report-length": "the report has not the 1,184 bytes of an SEV-SNP report",
  "report-version": "the report is not of version 2, 3 or 5",
  "report-reserved": "the report has something where its version says that nothing is",
  "signature-algorithm": "the report is not signed by ECDSA with P-384 and SHA-384",
  "signature-range": "R or S of the report's signature is 0 or too large",
  "not-signed-by-vcek": "the report is not signed by the key of one chip (VCEK), but by a leased one, or by none",
  "debug-allowed": "the machine's policy lets its host debug it, which is to read it",
  "migration-allowed": "the machine's policy lets a migration agent have its keys",
  "smt-at-odds": "the policy forbids SMT and the platform has it on",
  "privilege-level": "the report was not asked for at VMPL 0: something above the agent may have another mind",
  "chip-hidden": "the report hides which chip it is from, so that no certificate can be held against it",
  "wrong-session": "the report is bound to another session, agent or pool",
  "certificate-missing": "the chain is not three certificates: VCEK, ASK and ARK",
  "certificate-unreadable": "a certificate is not X.509 in strict DER",
  "certificate-algorithm": "a certificate is not signed by RSA-PSS with SHA-384",
  "certificate-fields":
    "the first certificate lacks what a VCEK says of its chip and firmware, or says it twice or badly",
  "certificate-expired": "a certificate is not valid at this time",
  "root-unknown": "the chain does not end in one of the pinned roots",
  "chain-broken":
    "a certificate is not signed by the one above it, or one that must be an authority is none, or the reverse",
  "product-at-odds": "report, certificate and root are not of the same kind of processor",
  "wrong-chip": "the certificate is of another chip than the report",
  "wrong-tcb": "the certificate is of another firmware (TCB) than the report",
  "signature-wrong": "the report is not signed by the certificate's key",
  "wrong-measurement": "the machine started with something that the task does not list",
  "tcb-too-low": "the firmware is, was when the machine started, or may be again, below the least that the task names",
} as const;

/** Why evidence is not taken. */
export type AttestationRefusal = keyof typeof words;

/** The refusal in words: one clause that can follow a colon. */
export function describeAttestationRefusal(refusal: AttestationRefusal): string {
  return words[refusal];
}
