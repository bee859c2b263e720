import {
  type AttemptContext,
  type Committee,
  type GroupSumContext,
  MemberAttempt,
  memberKeys,
  openCommittee,
  type Primitives,
  type Signer,
  signStatement,
  smallCommittee,
} from "@aegis-pool/core";
import { createEd25519Signer, createHpkeKey } from "@aegis-pool/platform";

/** All parties to one sum, in this process: participants, the pool's view of them, and a committee of four, of whom one may collude. */
export interface Parties {
  readonly participants: readonly Signer[];
  readonly committee: Committee;
  readonly members: readonly MemberAttempt[];
  /** What each member knows of the attempt. */
  readonly contexts: readonly AttemptContext[];
  /** What the pool knows of the sum. */
  readonly pool: GroupSumContext;
  /** Alike for all participants. */
  readonly state: Uint8Array;
}

const at = { run: new Uint8Array(32).fill(1), round: 1, attempt: 1 };
const roster = new Uint8Array(32).fill(2);
const floor = 5;

/** Makes them, with fresh keys. @param length values in each upload */
export async function openParties(count: number, length: number, primitives: Primitives): Promise<Parties> {
  const shape = smallCommittee;
  const participants = Array.from({ length: count }, () => createEd25519Signer());
  const agents = Array.from({ length: shape.size }, () => createEd25519Signer());
  const signers = agents.map(() => createEd25519Signer());
  const openers = await Promise.all(agents.map(() => createHpkeKey()));
  const keys = participants.map(({ publicKey }) => publicKey);
  const terms = {
    ...{ shape, run: at.run, floor, roster, participants: keys, groupOf: keys.map(() => 0) },
    agents: agents.map(({ publicKey }) => publicKey),
  };
  const signed = agents.map((agent, member) => {
    const own = { hpke: openers[member]!.publicKey, signing: signers[member]!.publicKey };
    return signStatement(memberKeys, { ...at, roster, member, agent: agent.publicKey, ...own }, agent);
  });
  const committee = openCommittee(signed, at, terms, primitives);
  if (!committee) throw new TypeError("the members' keys are not theirs");
  const { round, attempt } = at;
  const contexts = openers.map((opener, member) => {
    return { terms, round, attempt, length, committee, member, opener, primitives };
  });
  const members = contexts.map((context, member) => {
    // each member signs once here, so that there is never an earlier value
    return new MemberAttempt(context, signers[member]!, (_, value) => Promise.resolve(value));
  });
  const binding = { ...at, group: 0 };
  const places = new Map(keys.entries());
  const pool = { binding, committee, roster, participants: places, floor, length, primitives };
  return { participants, committee, members, contexts, pool, state: new Uint8Array(32).fill(3) };
}
