import { toHex } from "@aegis-pool/core";

/** Sealed bytes kept in memory, at most; what was used longest ago goes first. */
const keptBytes = 256 * 1024 * 1024;

type Download = (hash: Uint8Array) => Promise<Uint8Array | undefined>;

/** Programs and shared inputs as they are sealed, fetched once for all tasks that name them. */
export class SealedBlobs {
  readonly #download: Download;
  readonly #blobs = new Map<string, Promise<Uint8Array | undefined>>();
  readonly #sizes = new Map<string, number>();

  constructor(download: Download) {
    this.#download = download;
  }

  /** The sealed bytes, or undefined where the pool does not have them. @throws where the pool cannot be reached */
  get(hash: Uint8Array): Promise<Uint8Array | undefined> {
    const name = toHex(hash);
    const kept = this.#blobs.get(name);
    if (kept) {
      this.#blobs.delete(name); // and in again, as the newest
      this.#blobs.set(name, kept);
      return kept;
    }
    const fetched = this.#download(hash);
    this.#blobs.set(name, fetched);
    fetched.then(
      (bytes) => this.#keep(name, bytes),
      () => this.#blobs.delete(name), // a later task tries again
    );
    return fetched;
  }

  #keep(name: string, bytes: Uint8Array | undefined): void {
    if (!bytes) return void this.#blobs.delete(name);
    this.#sizes.set(name, bytes.length);
    let total = [...this.#sizes.values()].reduce((sum, size) => sum + size, 0);
    for (const oldest of this.#blobs.keys()) {
      if (total <= keptBytes || oldest === name) break;
      total -= this.#sizes.get(oldest) ?? 0;
      this.#sizes.delete(oldest);
      this.#blobs.delete(oldest);
    }
  }
}
