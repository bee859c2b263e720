import { AegisError } from "@aegis-pool/core";

/**
 * The words of a command line such as `python train.py --epochs 2`. Words are separated by spaces, tabs or line breaks; what stands between two
 * single or two double quotes belongs to one word as it is. Nothing else has a meaning: no variables, no patterns, no escapes, no pipes. The
 * command is started by these words without a shell, so that nothing in a path can become a command. Who wants a shell names it:
 * `sh -c "python train.py | tee log"`.
 * @throws {AegisError} `bad-argument` where there is no word, or a quote does not end
 */
export function splitCommand(line: string): string[] {
  const words: string[] = [];
  const piece = /\s+|'([^']*)'|"([^"]*)"|([^\s'"]+)/gy;
  let word: string | undefined;
  let end = 0;
  for (const match of line.matchAll(piece)) {
    end = match.index + match[0].length;
    const text = match[1] ?? match[2] ?? match[3];
    if (text !== undefined) word = (word ?? "") + text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (word !== undefined) words.push(word);
  if (end < line.length) throw unusable(line, `the quote ${line[end]} at character ${end} does not end`);
  if (!words[0]) throw unusable(line, "it names no program");
  return words;
}

function unusable(line: string, why: string): AegisError {
  return new AegisError({
    code: "bad-argument",
    message: `the trainer's command ${JSON.stringify(line)} cannot be run: ${why}`,
    next: 'give a program and its arguments, such as --trainer "python train.py"',
  });
}
