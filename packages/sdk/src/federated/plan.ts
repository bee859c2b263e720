import { Bytes, Check, Exactly, parseCbor, type Static, Text, toCbor, Type } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

/** Bytes of a plan at most. */
export const planBytes = 65_536;

/** What a run is about, which its participants know and its pool does not. */
export interface RunPlan {
  /** The name of what is done, such as "credit"; 1 to 64 characters. */
  readonly name: string;
  /** What it is done with: anything CBOR can hold. All participants run the same procedure from it. */
  readonly settings: unknown;
}

const Plan = Exactly({
  version: Type.Literal(1),
  /** The pool sees the plan's hash: without a secret it could try plans. */
  secret: Bytes(32),
  name: Text(64),
  settings: Type.Unknown(),
});
type Plan = Static<typeof Plan>;

/** A plan as it is handed out, with a new secret. */
export function writePlan({ name, settings }: RunPlan): Uint8Array {
  const plan: Plan = { version: 1, secret: primitives.randomBytes(32), name, settings };
  return toCbor(plan);
}

/** The plan in bytes of whoever sent them, or undefined. */
export function readPlan(bytes: Uint8Array): RunPlan | undefined {
  const plan = bytes.length <= planBytes ? parseCbor(bytes) : undefined;
  return Check(Plan, plan) ? { name: plan.name, settings: plan.settings } : undefined;
}
