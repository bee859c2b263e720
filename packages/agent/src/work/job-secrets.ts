import { releaseInfo, toHex } from "@aegis-pool/core";
import type { Session } from "../connection/session.js";

/** Jobs whose secrets are remembered; one that is forgotten costs a millisecond to set up again. */
const maxSecrets = 1_024;

/** Secrets of one session by encapsulated key: one per job. */
export class JobSecrets {
  readonly #session: Session;
  readonly #names: { readonly pool: Uint8Array; readonly agent: Uint8Array };
  readonly #secrets = new Map<string, Promise<Uint8Array | undefined>>();

  constructor(session: Session, names: { readonly pool: Uint8Array; readonly agent: Uint8Array }) {
    this.#session = session;
    this.#names = names;
  }

  /** The secret shared with the requester of `job`; undefined where the key is none. */
  of(encapsulated: Uint8Array, job: Uint8Array): Promise<Uint8Array | undefined> {
    const name = toHex(encapsulated);
    const known = this.#secrets.get(name);
    if (known) return known;
    const { hpke, hash } = this.#session;
    const secret = hpke.receive(encapsulated, releaseInfo({ ...this.#names, job, session: hash }));
    this.#secrets.set(name, secret);
    if (this.#secrets.size > maxSecrets) this.#secrets.delete(this.#secrets.keys().next().value ?? "");
    return secret;
  }
}
