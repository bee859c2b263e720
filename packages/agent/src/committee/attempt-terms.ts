import { equalBytes, type MemberTerms, rosterNameOf, toHex } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Asked, DutyRefusal } from "./messages.js";

/** What the pool says of an attempt as a member holds it, or why no sum of it would protect anybody. */
export function termsOf(opened: Asked<"open">, agent: Uint8Array): MemberTerms | DutyRefusal {
  const { shape, run, roster, agents, member, participants, groupOf, floor } = opened;
  const own = agents[member];
  const isOurs = own !== undefined && equalBytes(own, agent) && agents.length === shape.size;
  if (!isOurs || !areDistinct(agents)) return "committee-invalid";
  if (participants.length !== groupOf.length || participants.length === 0) return "roster-invalid";
  const name = rosterNameOf({ run, floor, participants, body: opened.rosterBody }, primitives);
  if (!equalBytes(name, roster)) return "roster-invalid";
  if (!areDistinct(participants)) return "doubled";
  const sizes = new Map<number, number>();
  for (const group of groupOf) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  if ([...sizes.values()].some((size) => size < floor)) return "below-floor";
  return { shape, run, roster, agents, participants, groupOf, floor };
}

function areDistinct(keys: readonly Uint8Array[]): boolean {
  return new Set(keys.map((key) => toHex(key))).size === keys.length;
}
