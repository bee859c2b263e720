import { Type } from "typebox";
import { Amount, Bytes, Exactly, Instant, Price, Text, Whole } from "../../shared/schema.js";
import { sealedAttestationBytes } from "../../verification/certificate/attestation.js";
import { Requirements } from "../requirements.js";
import { kind, type StatementOf } from "./identity.js";

/** A nonce and a fingerprint of 32 bytes each, sealed: with the nonce of the seal and its tag. */
export const sealedOpeningBytes = 12 + 64 + 16;

/** A task as its requester states it, in neutral terms. Signed by the job's one-time key, which says nothing about who holds it. */
export const taskManifest = kind(
  "task-manifest",
  Exactly({
    /** Drawn at random by the requester: the name by which all others know the task. */
    number: Whole(1),
    /** The job's Ed25519 key. */
    job: Bytes(32),
    pool: Bytes(32),
    requirements: Requirements,
    /** SHA-256 of the sealed program, shared input and input: a pool that swaps one is found out. */
    program: Bytes(32),
    shared: Type.Optional(Bytes(32)),
    input: Bytes(32),
    /** See `keyCommitment`. */
    keys: Bytes(32),
    /** Top price in nAIS per SCU-second. */
    maxPrice: Price,
    /** Work that will be paid at most, in µSCU-seconds. */
    maxWork: Whole(1),
  }),
);
export type TaskManifest = StatementOf<typeof taskManifest>;

/** A requester proves that it holds a job's key, for one request. Signed by the job's key. */
export const jobRequest = kind(
  "job-request",
  Exactly({
    job: Bytes(32),
    pool: Bytes(32),
    method: Text(8),
    path: Text(256),
    signedAt: Instant,
  }),
);
export type JobRequest = StatementOf<typeof jobRequest>;

/** Why a task failed on a machine; a failure that is the program's own doing is final, others are retried elsewhere. */
export const failureReasons = [
  "threw",
  "time-limit",
  "memory-limit",
  "output-limit",
  "program-invalid",
  "input-invalid",
  "fuel-limit",
] as const;
export type FailureReason = (typeof failureReasons)[number];

/** What an agent says it ran. Signed by the agent. */
export const runStatement = kind(
  "run",
  Exactly({
    number: Whole(1),
    /** The lease it ran under. */
    fence: Whole(1),
    agent: Bytes(32),
    /** SHA-256 of the signed manifest's body. */
    manifest: Bytes(32),
    outcome: Type.Enum(["completed", ...failureReasons]),
    /** SHA-256 of the sealed result (or, of a failed task, the sealed log). */
    result: Bytes(32),
    resultBytes: Whole(),
    /** SHA-256 of the sealed log of a completed task, where it wrote one. */
    log: Type.Optional(Bytes(32)),
    /**
     * Of a task that may be checked: its manifest's key commitment, which all its runs share; what `commitmentTo` gives; and what was
     * committed to, sealed by the agent for itself, so that it can show it also after a restart.
     */
    check: Type.Optional(
      Exactly({
        keys: Bytes(32),
        commitment: Bytes(32),
        opening: Bytes(sealedOpeningBytes),
        /** Where the requester asks for it: the agent's signature for contracts, see `sealAttestation`. */
        attestation: Type.Optional(Bytes(sealedAttestationBytes)),
      }),
    ),
    /** Of a metered run: what it used of its fuel, the same on every machine (decision 028). */
    fuel: Type.Optional(Whole()),
    ranMs: Whole(),
    /** Engine and version, as "js deno-2.9.5". */
    engine: Text(64),
  }),
);
export type RunStatement = StatementOf<typeof runStatement>;

/** What the pool made of a run: how much work, at what price, and whether it is paid. Signed by the pool. */
export const receiptStatement = kind(
  "receipt",
  Exactly({
    number: Whole(1),
    fence: Whole(1),
    pool: Bytes(32),
    agent: Bytes(32),
    operator: Bytes(32),
    /** SHA-256 of the agent's signed run statement's body. */
    run: Bytes(32),
    /** µSCU-seconds. */
    work: Whole(),
    /** nAIS per SCU-second. */
    price: Amount,
    /** nAIS: what the job's escrow paid, what its operator and what the pool got; charge = reward + fee. */
    charge: Amount,
    reward: Amount,
    fee: Amount,
    /** "held": it is the operator's when the result is final, and a `settlement` says so. "unfunded": nothing moved, since nothing was set aside. Work is paid whatever the program made of it: a failure by its own doing costs the requester, or failing on purpose would be free computing. */
    payment: Type.Enum(["paid", "held", "unfunded"]),
    issuedAt: Instant,
  }),
);
export type ReceiptStatement = StatementOf<typeof receiptStatement>;

/**
 * A requester disputes one task's result, and shows the task's content key, so that the pool can see for itself what its agent has sent.
 * Signed by the job's key.
 */
export const disputeStatement = kind(
  "dispute",
  Exactly({
    /** Under which the task's first run is known. */
    number: Whole(1),
    job: Bytes(32),
    pool: Bytes(32),
    /** See `RevealedKey`. */
    content: Bytes(32),
    program: Bytes(32),
    shared: Type.Optional(Bytes(32)),
    signedAt: Instant,
  }),
);
export type DisputeStatement = StatementOf<typeof disputeStatement>;

/**
 * Why a held result is settled: so many operators agreed on it; its agent has passed further checks since; nobody looked, in time or any
 * more; it is wrong; its agent did not show what it had committed to; its agent has sent another result than it had committed to; it was a novice's, and is not what others agreed on; or the program
 * gives different results, for which nobody is to blame.
 * "rejected": its requester, who judges, finds it unlike the others; that says nothing of the agent.
 */
export const settlementVerdicts = [
  "agreed",
  "trusted",
  "accepted",
  "disproved",
  "silent",
  "contradicted",
  "failed-training",
  "nondeterministic",
  "rejected",
] as const;
export type SettlementVerdict = (typeof settlementVerdicts)[number];

/** What became of a held result, and of the charge for it. Signed by the pool; charge of the receipt = reward + fee + refund + withheld. */
export const settlementStatement = kind(
  "settlement",
  Exactly({
    number: Whole(1),
    pool: Bytes(32),
    agent: Bytes(32),
    operator: Bytes(32),
    /** SHA-256 of the agent's signed run statement's body, as in the receipt. */
    run: Bytes(32),
    verdict: Type.Enum(settlementVerdicts),
    /** nAIS: what its operator and the pool got, what the requester got back, and what the operator owed for wrong results. */
    reward: Amount,
    fee: Amount,
    refund: Amount,
    withheld: Amount,
    settledAt: Instant,
  }),
);
export type SettlementStatement = StatementOf<typeof settlementStatement>;
