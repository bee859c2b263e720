import { type LentDevice, SpeedProver } from "@aegis-pool/agent";
import type { Offer, SpeedChallenge, ToAgent } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { type AgentSession, Holdings, type RatingParts, Ratings } from "@aegis-pool/pool";
import { silentLog } from "../market/silent-log.js";

/** Production's two ends of a challenge, without the network and the database between them. */
export interface ChallengedAgent {
  readonly ratings: Ratings;
  readonly session: AgentSession;
  readonly prover: SpeedProver;
}

/** What the two ends are built on. */
export interface ChallengeGround {
  readonly device: Pick<LentDevice, "class" | "canCompute" | "compute">;
  readonly offer: Offer;
  readonly options: RatingParts["options"];
  readonly now: () => number;
  /** The challenge is over. */
  readonly onRated: () => void;
}

/** An idle agent at a pool that challenges it. Its answers are taken as they are: what they cost is what counts here. */
export function openChallengedAgent({ device, offer, options, now, onRated }: ChallengeGround): ChallengedAgent {
  const sessions = new Map<string, AgentSession>();
  const ratings = new Ratings(
    {
      primitives,
      check: async () => undefined,
      commit: { submit: async () => undefined as never },
      market: { sessions, holdings: new Holdings(), now },
      log: silentLog,
      options,
      onRoom() {
        if (!session.challenged) onRated();
      },
    },
    [],
  );
  const prover = new SpeedProver({
    device,
    speeds: offer.speeds,
    now,
    send(message) {
      if (message.type === "speed-commitment") ratings.committed(session, message);
      if (message.type === "opened-rows") ratings.opened(session, message);
    },
    onRated: () => undefined,
  });
  const session = idleSession(offer, (message) => void prover.receive(message));
  sessions.set(session.id, session);
  ratings.connect(session);
  return { ratings, session, prover };
}

function idleSession(offer: Offer, send: (message: ToAgent) => void): AgentSession {
  const key = new Uint8Array(32);
  const signed = { body: key, signature: key };
  return {
    key,
    id: Buffer.from(key).toString("hex"),
    operatorKey: key,
    certificate: { body: key, operatorSignature: key, agentSignature: key, evmSignature: key },
    session: signed,
    offer,
    attested: undefined,
    wanted: offer.slots,
    slotSpeed: 0,
    provenSpeed: 0,
    challenged: false,
    roundTripMs: async () => 0,
    send,
    close: () => undefined,
  };
}

/** A fresh challenge of the same shape. */
export function anew(challenge: SpeedChallenge): Extract<ToAgent, { type: "speed-challenge" }> {
  const fresh = { ...challenge, seed: primitives.randomBytes(32) };
  return { type: "speed-challenge", id: primitives.randomBytes(16), precision: "fp32", challenge: fresh };
}
