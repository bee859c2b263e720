import { boxSealer, createHpkeKey, createEd25519Signer, primitives } from "@aegis-pool/platform";
import type { Signer } from "../../../src/privacy/primitives.js";
import { equalBytes, toHex } from "../../../src/shared/bytes.js";
import { type Signed, signStatement } from "../../../src/shared/signed.js";
import type { SumBinding } from "../../../src/federated/secure-sum/binding.js";
import { type CommitteeShape, smallCommittee } from "../../../src/federated/secure-sum/committee.js";
import { type Committee, openCommittee } from "../../../src/federated/secure-sum/committee-keys.js";
import { MemberAttempt } from "../../../src/federated/secure-sum/member/attempt.js";
import type { MemberTerms } from "../../../src/federated/secure-sum/member/sum-terms.js";
import { memberKeys } from "../../../src/federated/secure-sum/statements.js";
import type { BoxOpener } from "../../../src/federated/secure-sum/seeds.js";
import { type Upload, maskUpload } from "../../../src/federated/secure-sum/upload.js";
import { filled, known } from "../../fixtures.js";

/** What a test says of a sum; the rest is alike everywhere. */
export interface Setting {
  readonly shape?: CommitteeShape;
  /** Participants of each group. */
  readonly groups?: readonly number[];
  readonly length?: number;
  readonly floor?: number;
  readonly round?: number;
  readonly attempt?: number;
  /** Of another attempt, whose keys, participants and agents go on. */
  readonly before?: Parties;
}

/** A committee and the participants of a run, in one process: each with keys of its own. */
export interface Parties {
  readonly binding: (group?: number) => SumBinding;
  readonly terms: MemberTerms;
  readonly committee: Committee;
  readonly signedKeys: readonly Signed[];
  readonly agents: readonly Signer[];
  readonly signers: readonly Signer[];
  /** The members' HPKE keys. */
  readonly openers: readonly BoxOpener[];
  readonly participants: readonly Signer[];
  readonly members: readonly MemberAttempt[];
  readonly length: number;
  /** What each member has recorded, by member and sum. */
  readonly records: readonly Map<string, Uint8Array>[];
}

export const run = filled(0x51);
export const state = filled(0x52);

/** All parties to an attempt. */
export async function parties(setting: Setting = {}): Promise<Parties> {
  const { shape = smallCommittee, groups = [6], length = 40, floor = 5, round = 1, attempt = 1, before } = setting;
  const agents = before?.agents ?? signersOf(shape.size);
  const participants = before?.participants ?? signersOf(groups.reduce((sum, size) => sum + size, 0));
  const terms: MemberTerms = {
    shape,
    run,
    floor,
    roster: filled(0x53),
    agents: agents.map(({ publicKey }) => publicKey),
    participants: participants.map(({ publicKey }) => publicKey),
    groupOf: groups.flatMap((size, group) => Array.from({ length: size }, () => group)),
  };
  const signers = signersOf(shape.size);
  const openers = await Promise.all(agents.map(() => createHpkeKey()));
  const signedKeys = agents.map((agent, member) => {
    const keys = { hpke: known(openers[member]).publicKey, signing: known(signers[member]).publicKey };
    const said = { run, round, attempt, roster: terms.roster, member, agent: agent.publicKey, ...keys };
    return signStatement(memberKeys, said, agent);
  });
  const committee = known(openCommittee(signedKeys, { run, round, attempt }, terms, primitives));
  const records = before?.records ?? agents.map(() => new Map<string, Uint8Array>());
  const members = openers.map((opener, member) => {
    const context = { terms, round, attempt, length, committee, member, opener, primitives };
    return new MemberAttempt(context, known(signers[member]), recordIn(known(records[member])));
  });
  const binding = (group = 0): SumBinding => ({ run, round, attempt, group });
  return { binding, terms, committee, signedKeys, agents, signers, openers, participants, members, length, records };
}

/** Records in `map` as a disk would: the first value stays. */
export function recordIn(map: Map<string, Uint8Array>) {
  return (sum: SumBinding, value: Uint8Array): Promise<Uint8Array> => {
    const name = [toHex(sum.run), sum.round, sum.attempt, sum.group].join();
    const standing = map.get(name) ?? value;
    map.set(name, standing);
    return Promise.resolve(standing);
  };
}

function signersOf(count: number): Signer[] {
  return Array.from({ length: count }, () => createEd25519Signer());
}

/** `participant`'s upload of `values` in `group`. */
export async function uploadOf(
  of: Parties,
  place: number,
  values: ArrayLike<number>,
  changes: { readonly group?: number; readonly state?: Uint8Array; readonly committee?: Committee } = {},
): Promise<Upload> {
  const { group = known(of.terms.groupOf[place]), committee = of.committee } = changes;
  const context = { binding: of.binding(group), committee, state: changes.state ?? state };
  return known(
    await maskUpload(Int32Array.from(values), context, known(of.participants[place]), boxSealer, primitives),
  );
}

/** Gives the upload with a hash, out of `uploads`. */
export function fetchFrom(uploads: readonly Upload[]) {
  return (hash: Uint8Array): Promise<Uint8Array> =>
    Promise.resolve(known(uploads.find(({ masked }) => equalBytes(primitives.sha256(masked), hash))).masked);
}
