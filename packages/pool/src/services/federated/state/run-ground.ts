import type { CommitteeShape, Primitives } from "@aegis-pool/core";

/** What of a run all its attempts stand on. */
export interface RunGround {
  readonly run: Uint8Array;
  readonly shape: CommitteeShape;
  /** The roster's hash. */
  readonly roster: Uint8Array;
  readonly floor: number;
  readonly primitives: Primitives;
  /** Whether the file with this SHA-256 has been uploaded for the run. */
  hasFile(hash: Uint8Array): boolean;
  /** The participants of a group: keys by place in the roster. */
  participantsOf(group: number): ReadonlyMap<number, Uint8Array>;
}
