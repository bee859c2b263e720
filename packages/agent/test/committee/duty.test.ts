import {
  largeCommittee,
  memberTask,
  openStatement,
  runStatement,
  type Signed,
  signStatement,
  smallCommittee,
} from "@aegis-pool/core";
import { createEd25519Signer, primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { filled, isSameSigned, known, StandIn } from "./stand-in.js";
import { type Pass, wholeSum } from "./whole-sum.js";

const allOf = ({ members }: StandIn): number[] => members.map((_, place) => place);

/** The signed part of an answer. */
function signedIn(answer: object): Signed | undefined {
  return Object.values(answer).find(
    (value: unknown): value is Signed => typeof value === "object" && value !== null && "body" in value,
  );
}

describe("committee members over their messages", () => {
  it.each([smallCommittee, largeCommittee])("find the sum of $size members' uploads, and sign it", async (shape) => {
    const at = await StandIn.of({ shape });
    await at.open();
    await at.upload((place) => 10 ** place - 7);
    const sum = await wholeSum(at, allOf(at));
    expect(sum).toMatchObject({ participants: 6, words: new Int32Array(40).fill(111_111 - 42) });
  });

  it("sum groups apart, and without one member", async () => {
    const at = await StandIn.of({ groups: [5, 6] });
    await at.open();
    await at.upload((place) => 3 ** place);
    const sums = [await wholeSum(at, [0, 1, 3]), await wholeSum(at, [1, 2, 3], { group: 1 })];
    expect(sums).toMatchObject([
      { participants: 5, words: new Int32Array(40).fill(121) },
      { participants: 6, words: new Int32Array(40).fill(88_452) },
    ]);
  });

  it("answer whatever is asked again the same, so that a sum survives lost connections", async () => {
    const at = await StandIn.of();
    await at.open();
    await at.upload((place) => place + 2);
    const differing: string[] = [];
    const twice: Pass = async (member, message, expected) => {
      const first = await member.ask(message, expected);
      // what was asked for in the meantime changes nothing
      member.duty.receive(at.opening(at.members.indexOf(member)));
      const again = await member.ask(message, expected);
      const [a, b] = [signedIn(first), signedIn(again)];
      if (a && b ? !isSameSigned(a, b) : JSON.stringify(first) !== JSON.stringify(again)) differing.push(expected);
      return again;
    };
    const sum = await wholeSum(at, allOf(at), { pass: twice });
    expect([sum, differing]).toMatchObject([{ words: new Int32Array(40).fill(27) }, []]);
    const keys = await at.member(2).said.next("committee-keys");
    expect(isSameSigned(keys.keys, known(at.keys[2]))).toBe(true);
  });

  it("compute what was signed for also after they were asked to sign again", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const answers = await Promise.all(
      at.members.map(async (each) => (await each.ask(at.answering(verdicts), "committee-answered")).answer),
    );
    const member = at.member(0);
    await member.ask(at.showing([1, 2, 3]), "committee-shown");
    await at.member(1).ask(at.showing([0]), "committee-shown");
    await member.ask(at.signing(), "committee-verdict");
    await expect(member.ask(at.confirming(answers), "committee-sum")).resolves.toMatchObject({ group: 0 });
  });
});

describe("a committee member", () => {
  it("says of each upload whether it can be part of a sum", async () => {
    const at = await StandIn.of();
    await at.open();
    await at.upload((place) => place);
    const { uploads, ...rest } = at.checking();
    const mixed = { ...rest, uploads: [{ ...known(uploads[0]), place: 1 }, ...uploads.slice(1)] };
    const checked = await at.member(0).ask(mixed, "committee-checked");
    expect(checked).toMatchObject({ usable: [1, 2, 3, 4, 5], unusable: [1] });
  });

  it("refuses by name what is out of turn or about no attempt that is open", async () => {
    const at = await StandIn.of();
    const member = at.member(0);
    expect(await member.refusal(at.signing([]))).toBe("unknown-attempt");
    await at.open();
    const early = [at.signing([]), at.answering([]), at.confirming([]), at.showing([0])];
    const refusals: string[] = [];
    for (const message of early) refusals.push(await member.refusal(message));
    expect(refusals).toEqual(["out-of-turn", "out-of-turn", "not-answered", "not-answered"]);
    await at.upload((place) => place);
    await member.ask(at.checking(), "committee-checked");
    const { verdict } = await member.ask(at.signing(), "committee-verdict");
    expect(await member.refusal(at.answering([verdict]))).toBe("no-quorum");
    const { survivors: _, ...abort } = at.signing();
    expect(await member.refusal({ ...abort, group: 3 })).toBe("wrong-group");
    member.duty.receive({ type: "committee-close", ...at.attempt });
    expect(await member.refusal(at.signing())).toBe("unknown-attempt");
  });

  it("shows masks that it knows alone, and a sum once it has found it", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const member = at.member(2);
    await member.ask(at.answering(verdicts), "committee-answered");
    expect([await member.refusal(at.showing([2])), await member.refusal(at.showing())]).toEqual([
      "not-answered",
      "not-confirmed",
    ]);
    const before = at.served.files.size;
    await member.ask(at.showing([0, 3]), "committee-shown");
    expect(at.served.files.size - before).toBe(2);
  });

  it("makes other keys for an attempt that was closed before it signed", async () => {
    const at = await StandIn.of();
    const member = at.member(1);
    const first = await member.ask(at.opening(1), "committee-keys");
    member.duty.receive({ type: "committee-close", ...at.attempt });
    const second = await member.ask(at.opening(1), "committee-keys");
    expect(isSameSigned(first.keys, second.keys)).toBe(false);
  });

  it("takes a new round for the word that earlier ones are over", async () => {
    const at = await StandIn.of();
    const member = at.member(0);
    await at.signed();
    await member.ask(at.opening(0, { round: 2 }), "committee-keys");
    expect(await member.refusal(at.signing())).toBe("unknown-attempt");
  });

  it("begins no attempt while its owner does not lend, and goes on with those that have begun", async () => {
    const at = await StandIn.of();
    const member = at.member(0);
    await at.open();
    member.duty.pause();
    expect(await member.refusal(at.opening(0, { round: 2 }))).toBe("paused");
    await at.upload((place) => place);
    await member.ask(at.checking(), "committee-checked");
    member.duty.resume();
    await expect(member.ask(at.opening(0, { round: 2 }), "committee-keys")).resolves.toMatchObject({ round: 2 });
  });
});

/** A member and what its pool asks it to sign for a task. */
async function settling() {
  const at = await StandIn.of();
  const job = createEd25519Signer();
  const task = { number: 77, job: job.publicKey, pool: at.pool.publicKey, maxPrice: "4000", maxWork: 1_000 };
  const settle = (change: Partial<typeof task> = {}, result = filled(1)) =>
    ({
      type: "committee-settle",
      number: 77,
      manifest: signStatement(memberTask, { ...task, ...change }, job),
      result,
    }) as const;
  return { at, settle, member: at.member(0), other: createEd25519Signer().publicKey };
}

describe("a member's task", () => {
  it("ends with a signed run, once, and the owner hears of it", async () => {
    const { at, settle, member } = await settling();
    await at.open();
    const { run } = await member.ask(settle(), "committee-settled");
    const said = openStatement(runStatement, run, member.signer.publicKey, primitives);
    const manifest = Uint8Array.from(primitives.sha256(settle().manifest.body));
    const expected = { fence: 1, outcome: "completed", result: filled(1), resultBytes: 0, engine: "aggregate 1" };
    expect(said && { ...said, manifest: Uint8Array.from(said.manifest) }).toMatchObject({
      number: 77,
      manifest,
      ...expected,
    });
    expect(said?.agent).toEqual(member.signer.publicKey);
    expect(await member.events.next("ran")).toMatchObject({ number: 77, outcome: "completed", ranMs: said?.ranMs });
    expect(await member.refusal(at.signing([]))).toBe("unknown-attempt");
    const again = await member.ask(settle({}, filled(2)), "committee-settled");
    expect([isSameSigned(again.run, run), member.events.unread("ran")]).toEqual([true, 0]);
  });

  it("is handed back where it is another's number, another pool's or not signed by its run", async () => {
    const { settle, member, other } = await settling();
    for (const change of [{ number: 78 }, { pool: other }, { job: other }]) {
      expect(await member.ask(settle(change), "hand-back")).toMatchObject({ number: 77, reason: "manifest-invalid" });
    }
    expect(member.said.unread("committee-settled")).toBe(0);
  });
});
