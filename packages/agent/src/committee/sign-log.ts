import { type FileHandle, open, readFile, stat } from "node:fs/promises";
import type { SumBinding } from "@aegis-pool/core";
import { hasCode, writeAtomically } from "@aegis-pool/platform";
import { Refused } from "./messages.js";
import { lineOf, recordOf } from "./sign-records.js";
import { type AttemptName, SignedBefore } from "./signed-before.js";

/** A log is read up to this size, in bytes: what is larger was not written by this program. */
const mostBytes = 256 * 1024 ** 2;
/** After so many new lines the log is written anew, without those that say nothing any more. */
const mostNewLines = 4_096;

/**
 * Where a member writes down what it is about to sign, before it does: a file to which lines are added, each on the disk before a signature is made. A
 * line that a crash cut short is cut off; a whole one counts, whether or not its signature was made. While the file cannot be read or written
 * nothing is signed, and each time it is tried again.
 */
export class SignLog {
  readonly #path: string;
  readonly #now: () => number;
  /** Everything in the file; unknown until it could be read. */
  #before: SignedBefore | undefined;
  /** To add lines; absent where the file is to be written anew. */
  #file: FileHandle | undefined;
  #newLines = 0;
  #isClosed = false;
  /** One thing at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param now ms since 1970 */
  constructor(path: string, now: () => number = Date.now) {
    this.#path = path;
    this.#now = now;
  }

  /**
   * The value that stands for `sum`: `value`, which is on the disk when this resolves, or an earlier one.
   * @throws {Refused} `not-recorded`, `leaving`
   */
  readonly recordFirst = (sum: SumBinding, value: Uint8Array): Promise<Uint8Array> =>
    this.#inTurn(async (before) => {
      // also what was read is written again first: a process that was killed may have left it unsynced
      this.#file ??= await this.#anew(before);
      const standing = before.find(sum);
      if (standing) return standing;
      const record = { sum, value, at: this.#now() };
      await this.#append(this.#file, lineOf(record));
      before.add(record);
      return value;
    });

  /** Whether something was signed in this attempt or in a later one of its run. @throws {Refused} `not-recorded`, `leaving` */
  isOver(attempt: AttemptName): Promise<boolean> {
    return this.#inTurn((before) => Promise.resolve(before.isOver(attempt)));
  }

  /** The keys of an attempt are gone. */
  forget(attempt: AttemptName): void {
    this.#before?.close(attempt);
  }

  /** Nothing is recorded any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#turn;
    await this.#file?.close();
    this.#file = undefined;
  }

  #inTurn<T>(work: (before: SignedBefore) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      if (this.#isClosed) throw new Refused("leaving");
      try {
        this.#before ??= await this.#read();
        return await work(this.#before);
      } catch (cause) {
        throw new Refused("not-recorded", cause);
      }
    });
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #read(): Promise<SignedBefore> {
    try {
      const { size } = await stat(this.#path);
      if (size > mostBytes) throw new RangeError(`${this.#path} holds ${size} bytes, more than ${mostBytes}`);
      const lines = (await readFile(this.#path, "latin1")).split("\n");
      const before = new SignedBefore(lines.map((line) => recordOf(line)).filter((record) => record !== undefined));
      before.dropOld(this.#now());
      return before;
    } catch (error) {
      if (hasCode(error, "ENOENT")) return new SignedBefore([]);
      throw error;
    }
  }

  /** Puts a line on the disk; after a failure the whole file is written anew, since nobody knows what of the line is there. */
  async #append(file: FileHandle, line: string): Promise<void> {
    this.#file = undefined;
    try {
      await file.appendFile(line);
      await file.datasync();
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    this.#newLines++;
    if (this.#newLines < mostNewLines) this.#file = file;
    else await file.close();
  }

  /** The file with what can still be asked for and nothing else, to add to. */
  async #anew(before: SignedBefore): Promise<FileHandle> {
    before.dropOld(this.#now());
    const lines = before.all().map((record) => lineOf(record));
    await writeAtomically(this.#path, lines.join(""));
    this.#newLines = 0;
    return open(this.#path, "a");
  }
}
