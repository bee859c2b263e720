/** A study as a command. */
export interface StudyCommand {
  readonly name: string;
  /** What it takes and does, from its name on. */
  readonly usage: string;
  /**
   * @returns the picture to keep under docs/measurements, where one is asked for
   * @throws {Error} with what is wrong with the arguments
   */
  run(args: readonly string[], say: Said): Promise<string | undefined>;
}

/** Where results go, and what is said on the way. */
export interface Said {
  readonly print: (line: string) => void;
  readonly note: (line: string) => void;
}

/** An argument that is none. */
export class BadArgument extends Error {}

/** @throws {BadArgument} where `text` is no whole number, or below `least` */
export function wholeNumber(name: string, text: string, least?: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new BadArgument(`${name} ${text} is no whole number.`);
  if (least !== undefined && value < least) {
    throw new BadArgument(`${name} ${text} is not ${least.toLocaleString("en-US")} or more.`);
  }
  return value;
}
