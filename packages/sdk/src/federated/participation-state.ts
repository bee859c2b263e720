import { Check, equalBytes, fromHex, type Static, toHex, Type } from "@aegis-pool/core";
import { createEd25519Signer, type StoredSigner, signerFromPem } from "@aegis-pool/platform";
import { unreadable } from "./refusals.js";
import { type StateStore, stateBytes } from "./state-store.js";

const Hex32 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Place = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const StateText = Type.Object(
  {
    format: Type.Literal("aegis-federated-participation"),
    version: Type.Literal(1),
    run: Hex32,
    /** PKCS #8 PEM: the participant's key in this run. */
    key: Type.String({ maxLength: 1_024 }),
    /** Its part of the draw, shown to nobody before it is recorded for which roster. */
    nonce: Hex32,
    /** Rosters' hashes that a part was shown for, one part each. */
    shown: Type.Array(Hex32, { maxItems: 16 }),
    /** Whether `nonce` was shown for the last of them. */
    isShown: Type.Boolean(),
    /** What was uploaded last. */
    uploaded: Type.Object({ round: Place, attempt: Place }, { additionalProperties: false }),
  },
  { additionalProperties: false },
);
type StateText = Static<typeof StateText>;

/**
 * What a participant has said that it must not say twice, kept before it is said: so that also one that was killed neither shows one part of the
 * draw for two rosters nor uploads twice in one attempt.
 */
export class ParticipationState {
  readonly #store: StateStore;
  readonly signer: StoredSigner;
  #file: StateText;

  private constructor(store: StateStore, file: StateText, signer: StoredSigner) {
    this.#store = store;
    this.#file = file;
    this.signer = signer;
  }

  /**
   * What the store has, made with a new key where it has nothing. @param random `length` bytes nobody can guess
   * @throws {AegisError} `key-unreadable` where it holds something else, or is of another run
   */
  static async open(
    store: StateStore,
    run: Uint8Array,
    random: (length: number) => Uint8Array,
  ): Promise<ParticipationState> {
    const bytes = await store.read();
    if (!bytes) return ParticipationState.#create(store, run, random);
    const file = bytes.length <= stateBytes ? parse(bytes) : undefined;
    const signer = file && signerFromPem(file.key);
    if (!file || signer?.publicKey.length !== 32)
      throw unreadable(store.name, "participant's state", "it has another form");
    if (file.run !== toHex(run)) throw unreadable(store.name, "participant's state", "it is of another run");
    return new ParticipationState(store, file, signer);
  }

  static async #create(store: StateStore, run: Uint8Array, random: (length: number) => Uint8Array) {
    const signer = createEd25519Signer();
    const file: StateText = {
      format: "aegis-federated-participation",
      version: 1,
      run: toHex(run),
      key: signer.exportPem(),
      nonce: toHex(random(32)),
      shown: [],
      isShown: false,
      uploaded: { round: 0, attempt: 0 },
    };
    const state = new ParticipationState(store, file, signer);
    await state.#write(file);
    return state;
  }

  /** The part of the draw that is committed to now. */
  get nonce(): Uint8Array {
    return fromHex(this.#file.nonce) ?? new Uint8Array(0);
  }

  /** The roster for which it was shown; undefined: it was not. */
  get shownFor(): Uint8Array | undefined {
    const last = this.#file.isShown ? this.#file.shown.at(-1) : undefined;
    return last === undefined ? undefined : fromHex(last);
  }

  /** For how many rosters a part was shown. */
  get timesShown(): number {
    return this.#file.shown.length;
  }

  /** The last round for which something was uploaded; 0: none. */
  get uploadedRound(): number {
    return this.#file.uploaded.round;
  }

  /** A new part, since the last was shown. */
  async renew(nonce: Uint8Array): Promise<void> {
    await this.#write({ ...this.#file, nonce: toHex(nonce), isShown: false });
  }

  /** Records that the part is about to be shown for a roster. */
  async recordShown(roster: Uint8Array): Promise<void> {
    if (this.shownFor && equalBytes(this.shownFor, roster)) return;
    await this.#write({ ...this.#file, shown: [...this.#file.shown, toHex(roster)], isShown: true });
  }

  /** Records that something is about to be uploaded. @returns whether it may: nothing was for this attempt or a later one */
  async recordUpload(round: number, attempt: number): Promise<boolean> {
    const last = this.#file.uploaded;
    if (round < last.round || (round === last.round && attempt <= last.attempt)) return false;
    await this.#write({ ...this.#file, uploaded: { round, attempt } });
    return true;
  }

  async #write(file: StateText): Promise<void> {
    await this.#store.write(`${JSON.stringify(file, null, 2)}\n`);
    this.#file = file;
  }
}

function parse(bytes: Uint8Array): StateText | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Check(StateText, value) ? value : undefined;
  } catch {
    return undefined;
  }
}
