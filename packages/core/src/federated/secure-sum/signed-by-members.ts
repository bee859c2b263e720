import type { Primitives } from "../../privacy/primitives.js";
import { openOwnStatement, type Signed, type StatementKind } from "../../shared/signed.js";
import { sameBinding, type SumBinding } from "./binding.js";
import type { Committee } from "./committee-keys.js";

const noKey = new Uint8Array(32);

/** One member's statement, or undefined unless the member that it names has signed it, with its key of the attempt, about this sum. */
export function saidByMember<T extends SumBinding & { readonly member: number }>(
  kind: StatementKind<T>,
  signed: Signed,
  binding: SumBinding,
  committee: Committee,
  primitives: Primitives,
): T | undefined {
  const keyOf = ({ member }: T) => committee.members[member]?.signing ?? noKey;
  const said = openOwnStatement(kind, signed, keyOf, primitives);
  return said && sameBinding(said, binding) ? said : undefined;
}

/** What the members have said of one sum: one statement per member. What does not count for {@link saidByMember} is passed over, and so is what a member says twice. */
export function saidByMembers<T extends SumBinding & { readonly member: number }>(
  kind: StatementKind<T>,
  statements: readonly Signed[],
  binding: SumBinding,
  committee: Committee,
  primitives: Primitives,
): readonly T[] {
  const said = new Map<number, T>();
  for (const signed of statements.slice(0, committee.members.length)) {
    const found = saidByMember(kind, signed, binding, committee, primitives);
    if (found && !said.has(found.member)) said.set(found.member, found);
  }
  return [...said.values()];
}
