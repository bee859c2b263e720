/** What happens to a participant, as it happens. */
export type RunEvent =
  /** It has its seat; so many of all are taken. */
  | { readonly type: "enrolled"; readonly enrolled: number; readonly seats: number }
  /** It has shown its part of the draw, for the roster with this hash in hexadecimal. */
  | { readonly type: "revealed"; readonly roster: string }
  /** The draw is made. */
  | { readonly type: "drawn"; readonly participants: number; readonly group: number }
  /** A step of the procedure is computed and waits for its sum. */
  | { readonly type: "ready"; readonly round: number; readonly name: string; readonly values: number }
  /** It has sent its masked values; `bytes` on the wire. */
  | { readonly type: "uploaded"; readonly round: number; readonly attempt: number; readonly bytes: number }
  /** A round goes on without what it adds. */
  | { readonly type: "left-out"; readonly round: number; readonly why: "too-late" | "restarted" }
  /** A committee has signed that an attempt comes to nothing; what was uploaded stays masked for ever. */
  | { readonly type: "aborted"; readonly round: number; readonly attempt: number }
  /** A round is over. */
  | {
      readonly type: "summed";
      readonly round: number;
      readonly participants: number;
      readonly groupsLost: number;
      /** Of these sums nobody honest can have made what is in them: somebody has added something else than it may. */
      readonly groupsSpoiled: number;
    };

/** Hears of them. */
export type OnRunEvent = (event: RunEvent) => void;
