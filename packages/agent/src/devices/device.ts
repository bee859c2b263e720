import type { LentClass, Offer, Precision, RowCommitment, SpeedChallenge } from "@aegis-pool/core";
import type { Engines } from "../engines/index.js";
import type { LentShare } from "../share/lent-share.js";

/** The one device that an agent lends: the cores of a machine, or a graphics card. */
export interface LentDevice {
  readonly class: LentClass;
  readonly lent: LentShare;
  /** Of a graphics card: what of its time and memory is lent, also in parts; absent where it is lent as a whole. */
  readonly card?: Offer["card"] | undefined;
  /** Held to what is lent. */
  readonly engines: Engines;
  /** What it does at the lent share, by its own measure. */
  speeds(): Promise<Offer["speeds"]>;
  /** Whether a challenge asks for no more than is lent. */
  canCompute(challenge: SpeedChallenge): boolean;
  /** Computes a challenge in the sandbox, under the share. @throws {AegisError} where the sandbox breaks */
  compute(challenge: SpeedChallenge, precision: Precision): Promise<RowCommitment>;
}
