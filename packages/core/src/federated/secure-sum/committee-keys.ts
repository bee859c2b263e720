import type { Primitives } from "../../privacy/primitives.js";
import { ascii, concatBytes, equalBytes } from "../../shared/bytes.js";
import { openStatement, type Signed } from "../../shared/signed.js";
import type { SumBinding } from "./binding.js";
import type { CommitteeShape } from "./committee.js";
import { memberKeys, type MemberKeys } from "./statements.js";

/** Who the members of an attempt are, by the draw: agents, each in its place. */
export interface CommitteeTerms {
  readonly shape: CommitteeShape;
  /** SHA-256 of the signed roster. */
  readonly roster: Uint8Array;
  /** The agents' keys, in the places that the draw gave them. */
  readonly agents: readonly Uint8Array[];
}

/** The members' keys for one attempt, verified, each in its place. */
export interface Committee {
  readonly shape: CommitteeShape;
  readonly members: readonly MemberKeys[];
  /** {@link committeeHash} of the signed keys. */
  readonly hash: Uint8Array;
}

const label = ascii("aegis-pool/v1/federated/committee");

/** Names a committee: SHA-256 over each member's statement. */
export function committeeHash(signed: readonly Signed[], primitives: Primitives): Uint8Array {
  return primitives.sha256(label, ...signed.map(({ body }) => primitives.sha256(body)));
}

/** The committee of whose keys these are, or undefined unless each drawn agent has signed its own, for this attempt, in its place. */
export function openCommittee(
  signed: readonly Signed[],
  binding: Omit<SumBinding, "group">,
  terms: CommitteeTerms,
  primitives: Primitives,
): Committee | undefined {
  const { shape, agents } = terms;
  if (signed.length !== shape.size || agents.length !== shape.size) return undefined;
  const members = signed.map((each, place) => openMemberKeys(each, place, binding, terms, primitives));
  if (!members.every((keys) => keys !== undefined)) return undefined;
  return { shape, members, hash: committeeHash(signed, primitives) };
}

/** One member's keys, or undefined unless the agent drawn for this place has signed them for this attempt. */
export function openMemberKeys(
  signed: Signed,
  place: number,
  { run, round, attempt }: Omit<SumBinding, "group">,
  { roster, agents }: CommitteeTerms,
  primitives: Primitives,
): MemberKeys | undefined {
  const agent = agents[place];
  const keys = agent && openStatement(memberKeys, signed, agent, primitives);
  if (!keys || keys.member !== place || !equalBytes(keys.agent, agent)) return undefined;
  const isOurs = equalBytes(concatBytes(keys.run, keys.roster), concatBytes(run, roster));
  return isOurs && keys.round === round && keys.attempt === attempt ? keys : undefined;
}
