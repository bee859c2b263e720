import { AegisError } from "@aegis-pool/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitCommand } from "../../src/federated/trainer/command.js";

describe("a trainer's command", () => {
  it.each<[string, string[]]>([
    ["python train.py", ["python", "train.py"]],
    ["  python\t-u \n train.py  ", ["python", "-u", "train.py"]],
    ["'my python' \"my train.py\"", ["my python", "my train.py"]],
    [`run --name='it is' "it's" 'say "so"'`, ["run", "--name=it is", "it's", 'say "so"']],
    [`a'b'"c"d`, ["abcd"]],
    ["run '' x", ["run", "", "x"]],
    [String.raw`C:\Python\python.exe train.py`, [String.raw`C:\Python\python.exe`, "train.py"]],
    [
      "run $HOME `id` $(id) ; id | id > x & * ~ \\",
      ["run", "$HOME", "`id`", "$(id)", ";", "id", "|", "id", ">", "x", "&", "*", "~", "\\"],
    ],
  ])("%j is the words %j", (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it("keeps any words that are quoted", () => {
    const word = fc.string({ maxLength: 20 }).map((text) => text.replaceAll("'", ""));
    fc.assert(
      fc.property(
        word.filter((text) => text !== ""),
        fc.array(word),
        (program, args) => {
          const words = [program, ...args];
          expect(splitCommand(words.map((each) => `'${each}'`).join(" "))).toEqual(words);
        },
      ),
    );
  });

  it.each([
    ["", "it names no program"],
    ["  ", "it names no program"],
    ["'' x", "it names no program"],
    ["run 'x y", "the quote ' at character 4 does not end"],
    ['run "x', 'the quote " at character 4 does not end'],
    [`a"b'c`, 'the quote " at character 1 does not end'],
  ])("%j is refused: %s", (line, why) => {
    expect(() => splitCommand(line)).toThrow(AegisError);
    expect(() => splitCommand(line)).toThrow(why);
  });
});
