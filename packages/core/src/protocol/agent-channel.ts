import { type Static, Type } from "typebox";
import { Amount, Bytes, Exactly, Instant, Price, Text, Whole } from "../shared/schema.js";
import { AttestationEvidence } from "../verification/attestation/evidence.js";
import { committeeToAgent, committeeToPool } from "./committee-messages.js";
import { frameCodec } from "./frames.js";
import { protocolLimits } from "./limits.js";
import { OfferedEngine, Requirements } from "./requirements.js";
import { speedFromAgent, speedFromPool } from "./speed-messages.js";
import { AgentCertificate, SignedSchema } from "./statements/identity.js";

/**
 * The channel between a pool and an agent, over WebSocket at `/v1/agent`.
 *
 *     agent: hello -> pool: challenge -> agent: prove -> pool: welcome
 *     pool: offer -> agent: accept | decline -> pool: task, then key -> agent: result -> pool: settled
 */
const lease = { number: Whole(1), fence: Whole(1) };

const Sealed = Bytes(0, protocolLimits.inlineBytes);
const message = <N extends string, P extends Type.TProperties>(type: N, properties: P) =>
  Exactly({ type: Type.Literal(type), ...properties });

/** What an agent lends now: one device, or the cores of one machine. */
export const Offer = Exactly({
  /** By which class it is rated. */
  class: Type.Enum(["cpu", "webgpu"]),
  engines: Type.Array(OfferedEngine, { maxItems: 8 }),
  /** Tasks that run at the same time. */
  slots: Whole(1, 1_024),
  /** Most memory one task may ask for, in bytes. */
  memoryBytes: Whole(),
  /** What is lent of a graphics card, also in parts to several tasks at once: thousandths of its time, and its memory in bytes. */
  card: Type.Optional(Exactly({ thousandths: Whole(1, 1_000), memoryBytes: Whole() })),
  /** What all slots together do at the lent share, by the agent's own word: operations of matrix products, and bytes to and from memory. */
  speeds: Exactly({
    fp32FlopsPerSecond: Whole(1),
    /** With sums in FP32; absent where the device has no FP16. */
    fp16FlopsPerSecond: Type.Optional(Whole(1)),
    memoryBytesPerSecond: Whole(1),
  }),
  /** Lowest price in nAIS per SCU-second. */
  floorPrice: Price,
  /** As the owner gave it, such as "cpu=50%,memory=4GiB". */
  share: Text(256),
});
export type Offer = Static<typeof Offer>;

/** Whether what is said of a card goes with the rest: cores are lent in slots, a card as one that parts are taken of. */
export function isConsistent({ class: lent, slots, card }: Offer): boolean {
  return !card || (lent !== "cpu" && slots === 1);
}

/** A lease: which task, and how many times it has been leased. */
export const Lease = Exactly(lease);
export type Lease = Static<typeof Lease>;

export const toPool = frameCodec(
  Type.Union([
    message("hello", { agent: Bytes(32), nonce: Bytes(32) }),
    message("prove", {
      proof: SignedSchema,
      certificate: AgentCertificate,
      session: SignedSchema,
      offer: Offer,
      /** Leases from before a lost connection that the agent still works on. */
      held: Type.Array(Lease, { maxItems: protocolLimits.leasesPerAgent }),
      /** Of a confidential VM: what shows that it is one, and that the session's key is its own. */
      attestation: Type.Optional(AttestationEvidence),
    }),
    /** How many more leases the agent would take now; replaces what it said before. */
    message("capacity", { leases: Whole(0, protocolLimits.leasesPerAgent) }),
    message("accept", lease),
    message("decline", {
      ...lease,
      reason: Type.Union([Type.Literal("busy"), Type.Literal("leaving"), Type.Literal("unsupported")]),
    }),
    message("result", {
      run: SignedSchema,
      /** The sealed result, where it is small; otherwise it was uploaded as a blob. */
      inline: Type.Optional(Sealed),
      /** The sealed log. */
      log: Type.Optional(Sealed),
    }),
    /** The agent cannot go on with a lease, through no fault of the program. */
    message("hand-back", {
      ...lease,
      reason: Type.Union([
        Type.Literal("leaving"),
        Type.Literal("sandbox-broken"),
        Type.Literal("key-mismatch"),
        Type.Literal("key-unreadable"),
        Type.Literal("blob-mismatch"),
        Type.Literal("manifest-invalid"),
      ]),
    }),
    message("speed-commitment", speedFromAgent["speed-commitment"]),
    message("opened-rows", speedFromAgent["opened-rows"]),
    /** What the agent had committed to in the run of this lease. */
    message("revealed", { ...lease, nonce: Bytes(32), fingerprint: Bytes(32) }),
    message("committee-keys", committeeToPool["committee-keys"]),
    message("committee-checked", committeeToPool["committee-checked"]),
    message("committee-verdict", committeeToPool["committee-verdict"]),
    message("committee-answered", committeeToPool["committee-answered"]),
    message("committee-shown", committeeToPool["committee-shown"]),
    message("committee-sum", committeeToPool["committee-sum"]),
    message("committee-settled", committeeToPool["committee-settled"]),
    message("committee-refused", committeeToPool["committee-refused"]),
    message("heartbeat", { running: Type.Array(Lease, { maxItems: protocolLimits.leasesPerAgent }) }),
  ]),
);

export const toAgent = frameCodec(
  Type.Union([
    message("challenge", { pool: Bytes(32), nonce: Bytes(32), proof: SignedSchema }),
    message("welcome", {
      head: SignedSchema,
      heartbeatMs: Whole(100, 600_000),
      /** Held leases that are no longer the agent's: drop them. */
      lost: Type.Array(Lease, { maxItems: protocolLimits.leasesPerAgent }),
    }),
    message("offer", { ...lease, requirements: Requirements, maxReward: Amount }),
    message("task", { ...lease, manifest: SignedSchema, input: Type.Optional(Sealed) }),
    message("key", { ...lease, encapsulated: Bytes(32), sealed: Bytes(28, 512) }),
    /** The lease is over: stop working on it. */
    message("revoke", { ...lease, reason: Text(64) }),
    /** The answer to a result: a receipt, or why it was refused. */
    message("settled", { ...lease, receipt: SignedSchema }),
    message("refused", { ...lease, reason: Text(64) }),
    /** The task is being checked, and these others have run it and are committed: signed runs under the same keys. */
    message("reveal", {
      ...lease,
      /** The run of this lease, as the agent had signed it. */
      own: SignedSchema,
      others: Type.Array(SignedSchema, { minItems: 1, maxItems: protocolLimits.runsPerTask }),
    }),
    message("head", { head: SignedSchema }),
    message("speed-challenge", speedFromPool["speed-challenge"]),
    message("open-rows", speedFromPool["open-rows"]),
    message("rated", speedFromPool.rated),
    message("committee-open", committeeToAgent["committee-open"]),
    message("committee-uploads", committeeToAgent["committee-uploads"]),
    message("committee-sign", committeeToAgent["committee-sign"]),
    message("committee-answer", committeeToAgent["committee-answer"]),
    message("committee-show", committeeToAgent["committee-show"]),
    message("committee-confirm", committeeToAgent["committee-confirm"]),
    message("committee-close", committeeToAgent["committee-close"]),
    message("committee-settle", committeeToAgent["committee-settle"]),
    /** Somebody with the operator's key has asked for another payout address: 20 zero bytes mean none. */
    message("payout-pending", { address: Bytes(20), effectiveAt: Instant }),
    /** The pool closes the channel because of this. */
    message("error", { code: Text(64), message: Text(512) }),
  ]),
);

export type ToPool = MessageOf<typeof toPool>;
export type ToAgent = MessageOf<typeof toAgent>;

/** The message type of a codec. */
export type MessageOf<C> = C extends { encode(messages: readonly (infer M)[]): Uint8Array } ? M : never;
