import { Type } from "typebox";
import { Bytes, Exactly, Text, Whole } from "../shared/schema.js";
import type { MessageOf } from "./agent-channel.js";
import { frameCodec } from "./frames.js";
import { protocolLimits } from "./limits.js";
import { AttestationEvidence } from "../verification/attestation/evidence.js";
import { AgentCertificate, SignedSchema } from "./statements/identity.js";

/**
 * The channel between a pool and a job's releaser, over WebSocket at `/v1/jobs/:job/release`. A job's tasks are matched
 * only while a releaser is connected. Finished tasks carry a sequence number within the job; a releaser that comes
 * back says the last one it has.
 */
const lease = { number: Whole(1), fence: Whole(1) };
const message = <N extends string, P extends Type.TProperties>(type: N, properties: P) =>
  Exactly({ type: Type.Literal(type), ...properties });
const Sealed = Bytes(0, protocolLimits.inlineBytes);

/** How many tasks of a job are in which state. */
export const Progress = Exactly({
  queued: Whole(),
  matched: Whole(),
  running: Whole(),
  completed: Whole(),
  failed: Whole(),
  cancelled: Whole(),
});

export const fromReleaser = frameCodec(
  Type.Union([
    /** The first message: start from the finished task after this one. */
    message("resume", { after: Whole() }),
    message("release", { ...lease, encapsulated: Bytes(32), sealed: Bytes(28, 512) }),
    /** Refuses the agent, such as one whose keys do not verify: the task is queued again. */
    message("withhold", { ...lease, reason: Text(64) }),
    /** The same task under another number, for another operator to run; or that there is none, for want of money or memory of the task. */
    message("replica", { of: Whole(1), manifest: SignedSchema }),
    message("no-replica", { of: Whole(1) }),
    /**
     * Of results that the requester was asked to judge, those that it accepts, by number: all others are rejected. None: no two are alike.
     * A product is only ever accepted.
     */
    message("judged", {
      number: Whole(1),
      accepted: Type.Array(Whole(1), { maxItems: protocolLimits.mostAgreeing }),
    }),
    message("cancel", {}),
  ]),
);

export const toReleaser = frameCodec(
  Type.Union([
    message("agent", {
      /** A short name for the agent on this channel, for the messages that follow. */
      alias: Whole(),
      certificate: AgentCertificate,
      session: SignedSchema,
      /** As the agent has shown it, for jobs that ask for it: the requester believes nobody about it. */
      attestation: Type.Optional(AttestationEvidence),
    }),
    /** In about how many ms the agent will have run it, where that can be said. */
    message("matched", { ...lease, agent: Whole(), expectedMs: Type.Optional(Whole()) }),
    /** The result of the task, which may be on its way, is being checked: the releaser is needed until it hears what came of it. */
    message("checking", { number: Whole(1) }),
    /** The task is to be run again: the releaser answers with a `replica` of it, made of its manifest. */
    message("replicate", {
      of: Whole(1),
      manifest: SignedSchema,
      /** Its result is known: a novice is to show what it makes of it. */
      lesson: Type.Optional(Type.Literal(true)),
    }),
    /** A lesson is over, whatever came of it. */
    message("taught", { number: Whole(1) }),
    /**
     * What is known of a task's first result. `held`: it is taken as it is for now, of a `quorum` task; `unchecked`: the check was given
     * up; `final`: it was held, and is right as far as can be known.
     */
    message("checked", {
      number: Whole(1),
      verdict: Type.Enum(["right", "wrong", "nondeterministic", "unchecked", "held", "final"]),
      /** Where it is wrong: the number under which a right one came. */
      right: Type.Optional(Whole(1)),
      /** Of results that the requester judged: it rejects more than a fair part, and pays for those all the same. */
      charged: Type.Optional(Type.Literal(true)),
    }),
    /** All runs of a task have ended: their results are held until the releaser says which it accepts. */
    message("judge", {
      /** Of the first run. */
      number: Whole(1),
      runs: Type.Array(Whole(1), { minItems: 1, maxItems: protocolLimits.mostAgreeing }),
      /** Of a product: the first run's manifest, and its sealed input where that is no blob, to check the result against. */
      manifest: Type.Optional(SignedSchema),
      input: Type.Optional(Sealed),
    }),
    message("finished", {
      sequence: Whole(1),
      number: Whole(1),
      /** Absent where no machine ran it: see `reason`. */
      run: Type.Optional(SignedSchema),
      receipt: Type.Optional(SignedSchema),
      certificate: Type.Optional(AgentCertificate),
      inline: Type.Optional(Sealed),
      log: Type.Optional(Sealed),
      reason: Type.Optional(Text(64)),
    }),
    /** How the job stands, and in about how many ms it will be done, where that can be said. */
    message("progress", { counts: Progress, agents: Whole(), remainingMs: Type.Optional(Whole()) }),
    message("error", { code: Text(64), message: Text(512) }),
  ]),
);

export type FromReleaser = MessageOf<typeof fromReleaser>;
export type ToReleaser = MessageOf<typeof toReleaser>;
