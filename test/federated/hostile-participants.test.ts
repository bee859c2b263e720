import {
  type KnownRun,
  type MaskedUpload,
  maskedUpload,
  maskUpload,
  openCommittee,
  openRoster,
  openRun,
  type Procedure,
  readStatement,
  rosterHash,
  type RunView,
  signStatement,
  toCbor,
  toHex,
} from "@aegis-pool/core";
import { boxSealer, createEd25519Signer, primitives } from "@aegis-pool/platform";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type FederatedSetting, federatedSetting, wholeStep } from "../fixtures/federated.js";
import { answered, ManualParticipant } from "../fixtures/manual-participant.js";
import { present } from "../fixtures/present.js";
import { startTestPool, type TestPool } from "../fixtures/test-pool.js";

let pool: TestPool;
let setting: FederatedSetting;

beforeEach(async () => {
  pool = await startTestPool("off", { committeeTrust: 0 });
  setting = await federatedSetting(pool, { participants: 6 });
});

afterEach(async () => {
  await setting.stop();
  await pool.stop();
});

const manual = (place: number, signer = createEd25519Signer()): ManualParticipant =>
  new ManualParticipant(present(setting.created.invitations[place]), signer);

function* adding(own: number): Procedure<number> {
  const [sum] = yield wholeStep("only", [own]);
  return sum?.parts[0]?.[0] ?? 0;
}

describe("a seat", () => {
  it("is taken by whoever its key has signed for, once, by one participant", async () => {
    const [first, second] = [manual(0), manual(0)];
    const refused = { status: 409, code: "run-refused" };
    expect(await first.say("seats", first.enrolment())).toMatchObject({ status: 204 });
    expect(await first.say("seats", first.enrolment())).toMatchObject({ status: 204 });
    expect(await second.say("seats", second.enrolment())).toMatchObject({
      ...refused,
      message: expect.stringContaining("this seat is taken") as string,
    });
    const doubled = manual(1, first.signer as ReturnType<typeof createEd25519Signer>);
    expect(await doubled.say("seats", doubled.enrolment())).toMatchObject({
      ...refused,
      message: expect.stringContaining("has another seat") as string,
    });
    const made = new ManualParticipant({ ...first.invitation, seat: createEd25519Signer() });
    expect(await made.say("seats", made.enrolment())).toMatchObject({
      ...refused,
      message: expect.stringContaining("no such seat") as string,
    });
    const elsewhere = manual(2);
    expect(await elsewhere.say("seats", elsewhere.enrolment({ run: new Uint8Array(32) }))).toMatchObject(refused);
    expect(await elsewhere.say("seats", { ...elsewhere.enrolment(), signature: new Uint8Array(64) })).toMatchObject(
      refused,
    );
  });
});

describe("a draw", () => {
  it("takes from each participant what it has committed to, and nothing from anybody else", async () => {
    const six = [0, 1, 2, 3, 4, 5].map((place) => manual(place));
    for (const each of six) await each.say("seats", each.enrolment());
    const [first] = six;
    await present(first).until(({ phase }) => phase === "drawing");
    const other = await present(first).reveal(new Uint8Array(32));
    expect(other).toMatchObject({ code: "run-refused", message: expect.stringContaining("committed to") as string });
    expect(await manual(1).reveal()).toMatchObject({ code: "run-refused" });
    const late = manual(2);
    expect(await late.say("seats", late.enrolment())).toMatchObject({
      message: expect.stringContaining("fixed") as string,
    });
    for (const each of six) expect(await each.reveal()).toMatchObject({ status: 204 });
    expect((await present(first).view()).phase).toBe("running");
  });
});

describe("an upload", () => {
  it("is taken once from each participant, for the sum that is open, with exactly the bytes that were announced", async () => {
    const others = [0, 1, 2, 3, 4].map((place) => setting.join(place, adding(place + 1)));
    const one = manual(5);
    await one.say("seats", one.enrolment());
    await one.until(({ phase }) => phase === "drawing");
    await one.reveal();
    await one.until(({ phase }) => phase === "running");
    const stranger = createEd25519Signer();
    expect(await one.ready(1, 1, stranger)).toMatchObject({ code: "run-refused" });
    expect(await one.ready(1, 1)).toMatchObject({ status: 204 });
    const view = await one.until(({ round }) => (round?.attempts[0]?.keys.length ?? 0) > 0);
    const context = await uploadContext(view, one);
    const upload = present(await maskUpload(Int32Array.of(6), context, one.signer, boxSealer, primitives));
    const said = present(readStatement(maskedUpload, upload.statement));
    const bent = (change: Partial<MaskedUpload>, signer = one.signer) =>
      one.say("uploads", signStatement(maskedUpload, { ...said, ...change }, signer));

    expect(await one.putFile(said.upload, upload.masked)).toMatchObject({ status: 404 });
    expect(await bent({ participant: stranger.publicKey }, stranger)).toMatchObject({ code: "run-refused" });
    expect(await bent({}, stranger)).toMatchObject({ code: "run-refused" });
    expect(await bent({ round: 2 })).toMatchObject({ code: "out-of-turn" });
    expect(await bent({ attempt: 2 })).toMatchObject({ code: "out-of-turn" });
    expect(await bent({ run: new Uint8Array(32) })).toMatchObject({ code: "run-refused" });
    expect(await bent({ length: 2 })).toMatchObject({ code: "run-refused" });
    expect(await bent({ committee: new Uint8Array(32) })).toMatchObject({ code: "run-refused" });
    expect(await bent({ boxes: said.boxes.slice(1) })).toMatchObject({ code: "run-refused" });
    expect(await one.say("uploads", upload.statement)).toMatchObject({ status: 204 });
    expect(await one.say("uploads", upload.statement)).toMatchObject({ status: 204 });
    expect(await bent({ upload: primitives.sha256(Buffer.from("other")) })).toMatchObject({
      message: expect.stringContaining("something else") as string,
    });
    expect(await one.putFile(said.upload, Buffer.from("abcd"))).toMatchObject({ code: "blob-mismatch" });
    expect(await one.putFile(said.upload, Buffer.from("longer than four bytes"))).toMatchObject({
      code: "blob-mismatch",
    });
    expect(await one.putFile(said.upload, upload.masked)).toMatchObject({ status: 204 });
    // its state is its own: whoever computed something else is not summed with the rest
    expect(await Promise.all(others)).toEqual([15, 15, 15, 15, 15]);
  });
});

async function post(body: unknown) {
  const headers = { "content-type": "application/cbor" };
  return answered(await fetch(`${pool.url}/v1/federated`, { method: "POST", headers, body: new Blob([toCbor(body)]) }));
}

describe("a pool", () => {
  it("goes on whatever is sent to a run that is over, or is being made", async () => {
    const five = [0, 1, 2, 3, 4, 5].map((place) => manual(place));
    await Promise.all(five.map((each) => each.say("seats", each.enrolment())));
    const [first] = five;
    await present(first).until(({ phase }) => phase === "drawing");
    await Promise.all(five.map((each) => each.reveal()));
    await present(first).until(({ phase }) => phase === "running");
    await Promise.all(five.map((each) => each.ready(1, 0)));
    await present(first).until(({ phase }) => phase === "ended");
    const late = await Promise.all([...five, ...five].map((each) => each.ready(2, 3)));
    expect(new Set(late.map(({ code }) => code))).toEqual(new Set(["out-of-turn"]));
    const ended = await Promise.all(five.map((each) => each.say("seats", each.enrolment())));
    expect(ended.every(({ status }) => status === 409 || status === 204)).toBe(true);
    expect((await pool.client.describe()).testMoney).toBe(true);
  });
});

describe("a run", () => {
  it("is begun early by its owner's key alone", async () => {
    const base = `${pool.url}/v1/federated/${toHex(setting.created.owned.run)}`;
    expect(await answered(await fetch(`${base}/start`, { method: "POST" }))).toMatchObject({ code: "bad-signature" });
    expect((await manual(0).view()).phase).toBe("enrolling");
  });

  it("is not taken without its money, or with parts that are not as its terms say", async () => {
    const { terms, seats } = await manual(0).view();
    expect(await post({ terms, seats, tasks: [terms] })).toMatchObject({ code: "run-refused" });
    expect(await post({ terms, seats: seats.slice(1), tasks: [terms] })).toMatchObject({
      message: expect.stringContaining("the seats are not those of the terms") as string,
    });
    expect(await post({ nothing: true })).toMatchObject({ code: "run-refused" });
  });
});

async function uploadContext(view: RunView, one: ManualParticipant) {
  const { run } = one.invitation;
  const known: KnownRun = present(openRun(view.terms, pool.client.key, primitives));
  const body = present(view.roster).body;
  const roster = rosterHash(body, primitives);
  const attempt = present(view.round?.attempts[0]);
  const terms = { shape: known.terms.committee, roster, agents: attempt.agents };
  const committee = present(openCommittee(attempt.keys, { run, round: 1, attempt: 1 }, terms, primitives));
  expect(openRoster(body, known, view.seats)?.participants).toHaveLength(6);
  return { binding: { run, round: 1, attempt: 1, group: 0 }, committee, state: new Uint8Array(32) };
}
