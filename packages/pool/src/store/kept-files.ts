/** What is kept in memory: files of up to so many bytes, and so many bytes of them together, with those that are on their way. */
const mostBytes = { file: 8 * 1024 ** 2, all: 128 * 1024 ** 2 };

/** Room for a file that is on its way. */
export interface Room {
  /** It is there. */
  keep(run: string, hash: string, bytes: Buffer): void;
  /** It is there or will not come; may be said again. */
  leave(): void;
}

/**
 * Files that are on the disk too, the newest in memory: each upload is read by all members soon after it came. From the disk, a hundred uploads of 400 kB took a
 * pool 1.5 s of processor time a round.
 */
export class KeptFiles {
  readonly #files = new Map<string, Buffer>();
  #bytes = 0;

  /** Room for a file of `length` bytes, for which the oldest give way; undefined where it is too large, or too much is on its way. */
  reserve(length: number): Room | undefined {
    if (length > mostBytes.file) return undefined;
    this.#makeRoom(length);
    if (this.#bytes + length > mostBytes.all) return undefined;
    this.#bytes += length;
    let left = length;
    const leave = (): void => {
      this.#bytes -= left;
      left = 0;
    };
    return {
      leave,
      keep: (run, hash, bytes) => {
        leave();
        this.drop(run, hash);
        this.#files.set(nameOf(run, hash), bytes);
        this.#bytes += bytes.length;
      },
    };
  }

  get(run: string, hash: string): Buffer | undefined {
    return this.#files.get(nameOf(run, hash));
  }

  drop(run: string, hash: string): void {
    const name = nameOf(run, hash);
    this.#bytes -= this.#files.get(name)?.length ?? 0;
    this.#files.delete(name);
  }

  #makeRoom(length: number): void {
    for (const [name, { length: freed }] of this.#files) {
      if (this.#bytes + length <= mostBytes.all) return;
      this.#files.delete(name);
      this.#bytes -= freed;
    }
  }
}

function nameOf(run: string, hash: string): string {
  return `${run}/${hash}`;
}
