import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { createEd25519Signer } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import type { Asked } from "../../src/committee/messages.js";
import { filled, isSameSigned, known, StandIn } from "./stand-in.js";

describe("a pool that gives out other files", () => {
  it("gets no answer for an upload that is not the one signed for", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const member = at.member(0);
    at.served.serve = (response) => void response.end(new Uint8Array(160));
    expect(await member.refusal(at.answering(verdicts))).toBe("not-the-upload");
    at.served.serve = (response) => void response.writeHead(404).end();
    expect(await member.refusal(at.answering(verdicts))).toBe("file-missing");
    expect(member.events.unread("not-summing")).toBe(0);
  });

  it("is asked again for a file that it did not have", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const { serve } = at.served;
    at.served.serve = (response) => void response.destroy();
    expect(await at.member(0).refusal(at.answering(verdicts))).toBe("file-missing");
    at.served.serve = serve;
    await expect(at.member(0).ask(at.answering(verdicts), "committee-answered")).resolves.toMatchObject({ group: 0 });
  });

  it("is cut off after as many bytes as there should be", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const cutOff = new Promise<void>((resolve) => {
      at.served.serve = (response) => {
        const endless = () =>
          void (response.write(Buffer.alloc(1_024)) ? setImmediate(endless) : response.once("drain", endless));
        response.once("close", () => (response.removeAllListeners("drain"), resolve()));
        endless();
      };
    });
    expect(await at.member(0).refusal(at.answering(verdicts))).toBe("not-the-upload");
    await cutOff;
  });

  it("is not waited for when it falls silent in the middle of a file", async () => {
    const at = await StandIn.of({ member: { patienceMs: 50 } });
    const verdicts = await at.signed();
    at.served.serve = (response) => void response.write(new Uint8Array(16));
    expect(await at.member(0).refusal(at.answering(verdicts))).toBe("file-missing");
  });

  it("gets no sum from masks that are not those that members agree on", async () => {
    const at = await StandIn.of();
    const verdicts = await at.signed();
    const asked = at.members.map((member) => member.ask(at.answering(verdicts), "committee-answered"));
    const answers = (await Promise.all(asked)).map(({ answer }) => answer);
    at.served.serve = (response) => void response.end(new Uint8Array(160).fill(1));
    expect(await at.member(0).refusal(at.confirming(answers))).toBe("masks-missing");
  });
});

/** A pool that has been asked for a file, and says nothing. */
async function hanging() {
  const at = await StandIn.of();
  const verdicts = await at.signed();
  const reached = new Promise<ServerResponse>((resolve) => (at.served.serve = resolve));
  at.member(0).duty.receive(at.answering(verdicts));
  const response = await reached;
  return { at, member: at.member(0), hungUp: once(response, "close") };
}

describe("a pool that never answers", () => {
  it("holds up neither another attempt nor the agent's leave", async () => {
    const { at, member, hungUp } = await hanging();
    const other = at.opening(0, { number: 78, run: filled(9) });
    expect(await member.ask(other, "committee-keys")).toMatchObject({ number: 78 });
    await member.duty.leave();
    await hungUp;
    expect(await member.refusal(other)).toBe("leaving");
    expect(member.said.unread("committee-refused")).toBe(0);
  });

  it("is hung up on when the attempt is closed", async () => {
    const { at, member, hungUp } = await hanging();
    member.duty.receive({ type: "committee-close", ...at.attempt });
    await hungUp;
    expect(member.said.unread("committee-refused")).toBe(0);
  });

  it("has what it asks of that attempt done in turn", async () => {
    const { at, member } = await hanging();
    member.duty.receive(at.signing());
    const other = at.opening(0, { number: 78, run: filled(9) });
    await member.ask(other, "committee-keys");
    expect(member.said.unread("committee-verdict")).toBe(0);
  });

  it("cannot have any number of messages wait", async () => {
    const { at, member } = await hanging();
    for (let sent = 1; sent < 2_048; sent++) member.duty.receive(at.showing());
    expect(member.said.unread("committee-refused")).toBe(0);
    expect(await member.refusal(at.showing())).toBe("too-many");
  });
});

describe("a pool that asks for too much", () => {
  it("is refused sums that need more memory than is lent", async () => {
    const at = await StandIn.of({ member: { memoryBytes: 2 ** 20 } });
    const member = at.member(0);
    expect(await member.refusal(at.opening(0, { length: 2 ** 26 }))).toBe("too-large");
    // 5 arrays of a group and one file on its way, and 6 uploads' statements
    const length = (2 ** 20 - 6 * 2 ** 14) / 4 / 6;
    expect(await member.refusal(at.opening(0, { length: Math.floor(length) + 1 }))).toBe("too-large");
    await member.ask(at.opening(0, { length: Math.floor(length) }), "committee-keys");
    expect(await member.refusal(at.opening(0, { attempt: 2, length: 1 }))).toBe("too-large");
    member.duty.receive({ type: "committee-close", ...at.attempt });
    await expect(member.ask(at.opening(0, { attempt: 2, length: 1 }), "committee-keys")).resolves.toBeDefined();
  });

  it("is refused a seventeenth attempt, until one is closed or nobody has spoken of one for a day", async () => {
    const at = await StandIn.of();
    const member = at.member(0);
    const opening = (number: number) => at.opening(0, { number, run: filled(number) });
    for (let number = 1; number <= 16; number++) await member.ask(opening(number), "committee-keys");
    expect(await member.refusal(opening(17))).toBe("too-many");
    member.now += 20 * 3_600_000;
    await member.ask(opening(3), "committee-keys");
    member.now += 6 * 3_600_000;
    await member.ask(opening(17), "committee-keys");
    const signing = (number: number): Asked<"sign"> => ({ ...at.signing([]), number });
    expect([await member.refusal(signing(2)), await member.refusal(signing(3))]).toEqual([
      "unknown-attempt",
      "out-of-turn",
    ]);
  });
});

describe("a pool that draws up a crooked sum", () => {
  it.each<[string, (at: StandIn) => Partial<Asked<"open">>]>([
    [
      "doubled",
      (at) => ({
        participants: at.participants.map((each, place) => known(at.participants[place === 3 ? 2 : place]).publicKey),
      }),
    ],
    ["roster-invalid", () => ({ groupOf: [0, 0, 0, 0, 0] })],
    ["below-floor", () => ({ groupOf: [0, 0, 0, 0, 0, 1] })],
    ["committee-invalid", () => ({ member: 1 })],
    ["committee-invalid", () => ({ shape: { size: 7, threshold: 2 } })],
    ["committee-invalid", (at) => ({ agents: [0, 1, 2, 2].map((place) => at.member(place).signer.publicKey) })],
  ])("is refused as %s", async (reason, change) => {
    const at = await StandIn.of();
    expect(await at.member(0).refusal(at.opening(0, change(at)))).toBe(reason);
  });

  it("cannot have one participant summed with others that it has made up, or in a smaller sum: all of that is in the roster's hash", async () => {
    const at = await StandIn.of();
    const { roster, participants } = at;
    const madeUp = participants.map(({ publicKey }, place) =>
      place === 2 ? publicKey : createEd25519Signer().publicKey,
    );
    const turned = participants.map(({ publicKey }) => publicKey).toReversed();
    const crooked = [{ participants: madeUp }, { participants: turned }, { floor: 6 }, { rosterBody: filled(1) }];
    for (const change of crooked) {
      expect(await at.member(0).refusal(at.opening(0, { ...change, roster }))).toBe("roster-invalid");
    }
  });

  it("is refused other terms for an attempt that is open, and the same sum under another task's number", async () => {
    const at = await StandIn.of();
    const member = at.member(0);
    await member.ask(at.opening(0), "committee-keys");
    const participants = at.participants.map(() => createEd25519Signer().publicKey);
    expect(await member.refusal(at.opening(0, { participants }))).toBe("attempt-changed");
    expect(await member.refusal(at.opening(0, { number: 78 }))).toBe("attempt-changed");
  });

  it("is refused a committee with keys that this process did not make, or other keys than before", async () => {
    const at = await StandIn.of();
    await at.open();
    const earlier = at.keys;
    const change = { type: "committee-close", ...at.attempt } as const;
    for (const member of at.members) member.duty.receive(change);
    await at.open();
    const [member, fresh] = [at.member(0), at.keys];
    at.keys = earlier;
    expect(await member.refusal(at.checking())).toBe("committee-invalid");
    at.keys = fresh;
    await member.ask(at.checking(), "committee-checked");
    at.keys = [known(fresh[0]), known(earlier[1]), ...fresh.slice(2)];
    expect(await member.refusal(at.checking())).toBe("committee-invalid");
  });

  it("gets one signature: not for two sets of survivors, and not for some and for none", async () => {
    const at = await StandIn.of();
    const [verdict] = await at.signed();
    const member = at.member(0);
    expect(await member.refusal(at.signing(at.survivors().slice(1)))).toBe("already-signed");
    const { survivors: _, ...abort } = at.signing();
    expect(await member.refusal(abort)).toBe("already-signed");
    const again = await member.ask(at.signing(), "committee-verdict");
    expect(isSameSigned(again.verdict, known(verdict))).toBe(true);
  });
});
