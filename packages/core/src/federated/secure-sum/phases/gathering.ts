import { equalBytes, toHex } from "../../../shared/bytes.js";
import type { Signed } from "../../../shared/signed.js";
import { agreeing, type Agreeing } from "./agreeing.js";
import type { MaskedUpload } from "../statements.js";
import type { Survivor } from "../survivors.js";
import { openUpload } from "../upload.js";
import type { GroupSumContext, PhaseRefusal } from "./group-sum.js";

/** An upload as it was taken. */
export interface TakenUpload {
  readonly signed: Signed;
  readonly upload: MaskedUpload;
}

/** Uploads come in, and members say whose seeds do not fit together. */
export interface Gathering {
  readonly phase: "gathering";
  /** By place in the roster. */
  readonly uploads: ReadonlyMap<number, TakenUpload>;
  /** Places of participants whose seeds or upload a member could not use. */
  readonly complaints: ReadonlySet<number>;
}

export const gathering: Gathering = { phase: "gathering", uploads: new Map(), complaints: new Set() };

/** With the upload of participant `place`; the same again changes nothing. */
export function takeUpload(
  state: Gathering,
  place: number,
  signed: Signed,
  context: GroupSumContext,
): Gathering | PhaseRefusal {
  const participant = context.participants.get(place);
  if (!participant) return "not-in-group";
  const before = state.uploads.get(place);
  if (before) return equalBytes(before.signed.body, signed.body) ? state : "already-uploaded";
  const { binding, committee, length, primitives } = context;
  const demand = { binding, shape: committee.shape, committee: committee.hash, length };
  const upload = openUpload(signed, participant, demand, primitives);
  if (!upload) return "upload-invalid";
  return { ...state, uploads: new Map(state.uploads).set(place, { signed, upload }) };
}

/** With a member's word that the upload of participant `place` cannot be used. */
export function complain(state: Gathering, place: number): Gathering {
  return { ...state, complaints: new Set(state.complaints).add(place) };
}

/** Closes: who is in the sum is everybody that nobody complains about and that has computed what most have. */
export function close(state: Gathering, context: GroupSumContext): Agreeing {
  const usable = [...state.uploads].filter(([place]) => !state.complaints.has(place));
  const alike = largestClass(usable, ([, { upload }]) => toHex(upload.state));
  const survivors: Survivor[] = alike
    .map(([place, { signed }]) => ({ place, statement: context.primitives.sha256(signed.body) }))
    .toSorted((a, b) => a.place - b.place);
  return agreeing(survivors, context);
}

function largestClass<T>(values: readonly T[], classOf: (value: T) => string): readonly T[] {
  const classes = new Map<string, T[]>();
  for (const value of values) {
    const alike = classes.get(classOf(value));
    if (alike) alike.push(value);
    else classes.set(classOf(value), [value]);
  }
  return [...classes.values()].reduce<readonly T[]>((best, each) => (each.length > best.length ? each : best), []);
}
