import { primitives } from "@aegis-pool/platform";
import { describe, expect, it } from "vitest";
import { ParticipationState } from "../../src/federated/participation-state.js";
import { readInvitation, runTextBytes } from "../../src/federated/run-text.js";
import { type StateStore, stateBytes } from "../../src/federated/state-store.js";

/** A place for a state that is no file, as a browser has it. */
class MemoryStore implements StateStore {
  readonly name = "what is in memory";
  text: string | undefined;

  async read(): Promise<Uint8Array | undefined> {
    return this.text === undefined ? undefined : Buffer.from(this.text);
  }

  async write(text: string): Promise<void> {
    this.text = text;
  }
}

const run = primitives.randomBytes(32);
const open = (store: StateStore) => ParticipationState.open(store, run, primitives.randomBytes.bind(primitives));

describe("a participant's state", () => {
  it("is kept wherever its store keeps it, before anything is uploaded", async () => {
    const store = new MemoryStore();
    const first = await open(store);
    expect(await first.recordUpload(2, 1)).toBe(true);
    const again = await open(store);
    expect(Buffer.from(again.signer.publicKey).equals(first.signer.publicKey)).toBe(true);
    expect(again.uploadedRound).toBe(2);
    expect(await again.recordUpload(2, 1)).toBe(false);
    expect(await again.recordUpload(2, 2)).toBe(true);
  });

  it("lets nothing be uploaded where the store could not keep it", async () => {
    const store = new MemoryStore();
    const state = await open(store);
    store.write = () => Promise.reject(new Error("full"));
    await expect(state.recordUpload(1, 1)).rejects.toThrow("full");
    expect(state.uploadedRound).toBe(0);
  });

  it("is refused where its store has more than it ever has, or something else", async () => {
    const store = new MemoryStore();
    await open(store);
    const whole = store.text ?? "";
    for (const text of [whole.padEnd(stateBytes + 1), "", whole.slice(1), "{}"]) {
      store.text = text;
      await expect(open(store)).rejects.toMatchObject({ code: "key-unreadable" });
    }
    store.text = whole.padEnd(stateBytes);
    await expect(open(store)).resolves.toBeInstanceOf(ParticipationState);
  });
});

describe("an invitation's bytes", () => {
  it("are not parsed where they are more than an invitation can have", () => {
    const bytes = new Uint8Array(runTextBytes + 1).fill(0x20);
    expect(() => readInvitation(bytes, "huge.json")).toThrow(`it has ${bytes.length} bytes, more than ${runTextBytes}`);
  });
});
