import type { Signed, Survivor } from "@aegis-pool/core";

/**
 * What can happen in a run. How a run stands follows from its events, in order: a pool that starts again reads them and goes on. Each was checked before it was
 * written.
 */
export type RunEvent =
  | { readonly kind: "enrolled"; readonly enrolment: Signed }
  /** A draw begins: these take part, and these agents may be drawn. */
  | { readonly kind: "roster"; readonly body: Uint8Array; readonly logIndex: number }
  | { readonly kind: "revealed"; readonly reveal: Signed }
  /** Some did not show their part of the draw: all enrol again, but for the seats of those. */
  | { readonly kind: "redraw"; readonly barred: readonly Uint8Array[] }
  | { readonly kind: "ready"; readonly round: number; readonly ready: Signed }
  | { readonly kind: "passed-over"; readonly agents: readonly Uint8Array[] }
  | { readonly kind: "opened"; readonly round: number; readonly attempt: number; readonly length: number }
  | { readonly kind: "keys"; readonly round: number; readonly keys: Signed; readonly member: number }
  | { readonly kind: "upload"; readonly round: number; readonly place: number; readonly statement: Signed }
  /** A group's uploads are all there that will be; whose are part of the sum. */
  | { readonly kind: "closed"; readonly round: number; readonly group: number; readonly survivors: readonly Survivor[] }
  | { readonly kind: "verdict"; readonly round: number; readonly group: number; readonly signed: Signed }
  | { readonly kind: "answer"; readonly round: number; readonly group: number; readonly signed: Signed }
  /** Members that have not answered are not waited for. */
  | { readonly kind: "answers-closed"; readonly round: number; readonly group: number }
  | { readonly kind: "sum"; readonly round: number; readonly group: number; readonly signed: Signed }
  | { readonly kind: "lost"; readonly round: number; readonly group: number }
  /** A round is over; what its members have done for it, in µSCU-seconds by agent. */
  | {
      readonly kind: "round-over";
      readonly round: number;
      readonly work: readonly { readonly agent: Uint8Array; readonly work: number }[];
      /** Participants that were in it. */
      readonly active: readonly number[];
    }
  | { readonly kind: "ended"; readonly phase: "ended" | "failed"; readonly reason: string | undefined }
  | { readonly kind: "paid"; readonly agent: Uint8Array };

/** Of which round an event is; 0: of the run. What ends a round belongs to the run: it stays. */
export function roundOf(event: RunEvent): number {
  return "round" in event && event.kind !== "round-over" ? event.round : 0;
}
