/** Characters of a part, at least: a file of a million rows has some two hundred parts. */
const partCharacters = 1024 ** 2;

/** Cuts an epoch's public file into parts of whole lines. While one is written the next is put together. */
export class EpochParts {
  readonly #write: (part: number, text: Uint8Array) => Promise<void>;
  #lines: string[] = [];
  #characters = 0;
  #parts = 0;
  #written = Promise.resolve();

  constructor(write: (part: number, text: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  async add(line: string): Promise<void> {
    this.#lines.push(line);
    this.#characters += line.length + 1;
    if (this.#characters >= partCharacters) await this.#cut();
  }

  /** Writes what is left. @returns the part that what comes then begins with */
  async end(): Promise<number> {
    if (this.#lines.length > 0) await this.#cut();
    await this.#written;
    return this.#parts;
  }

  async #cut(): Promise<void> {
    const text = Buffer.from(`${this.#lines.join("\n")}\n`, "latin1");
    [this.#lines, this.#characters] = [[], 0];
    await this.#written;
    this.#written = this.#write(this.#parts++, text);
    this.#written.catch(() => undefined); // told when the next one is cut, or at the end
  }
}
