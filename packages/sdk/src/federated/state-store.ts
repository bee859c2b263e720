/** Bytes of a participant's state at most: more than it ever has. */
export const stateBytes = 8_192;

/** Where a participant keeps its state between its starts: a file, or a browser's database. */
export interface StateStore {
  /** What it is called in errors, such as the path of a file. */
  readonly name: string;
  /** What was written last; undefined: nothing was. At most one byte more than {@link stateBytes} need be read. @throws {AegisError} `key-unreadable` */
  read(): Promise<Uint8Array | undefined>;
  /** Replaces what was written before, as a whole. Resolves when it would survive a power cut: what is said after that must not be said twice. */
  write(text: string): Promise<void>;
}
