import {
  type AttemptView,
  type GroupView,
  memberKeys,
  memberSum,
  rosterHash,
  type Signed,
  signStatement,
  toHex,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { present } from "../../../../test/fixtures/present.js";
import type { RunInTest } from "./participants.js";

/** Other keys for an attempt, signed by its own agents: they collude. */
export function forgedKeys({ attempt, agents }: AttemptView, round: number, { pool, created }: RunInTest): Signed[] {
  const run = created.owned.run;
  const roster = rosterHash(present(pool.runOf(run).view().roster).body, primitives);
  return agents.map((agent, member) => {
    const { agent: signer } = present(pool.agents.find((each) => toHex(each.agent.publicKey) === toHex(agent)));
    const own = { hpke: primitives.randomBytes(32), signing: createEd25519Signer().publicKey };
    return { ...signStatement(memberKeys, { run, round, attempt, roster, member, agent, ...own }, signer) };
  });
}

/** Statements for a crafted sum, signed by keys that are no member's. */
export function forgedSum(
  crafted: Uint8Array,
  { group }: GroupView,
  { attempt, agents }: AttemptView,
  round: number,
  { created }: RunInTest,
): Signed[] {
  return agents.map((_, member) => {
    const binding = { run: created.owned.run, round, attempt, group };
    const said = { participants: 5, state: new Uint8Array(32), sum: primitives.sha256(crafted) };
    return signStatement(
      memberSum,
      { ...binding, member, survivors: new Uint8Array(32), ...said },
      createEd25519Signer(),
    );
  });
}
