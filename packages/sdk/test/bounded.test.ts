import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AegisError } from "@aegis-pool/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { temporaryDirectory } from "../../../test/fixtures/temporary.js";
import { writeBounded } from "../src/pool-client/write-bounded.js";

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let path: string;
beforeEach(async () => {
  folder = await temporaryDirectory();
  path = join(folder.path, "file");
});
afterEach(() => folder.remove());

const tooLarge = () => new AegisError({ code: "too-large", message: "It is too large.", next: "Give up." });
const bound = { maxBytes: 6, tooLarge };

/** What a pool sends: pieces, and then perhaps a broken connection. */
function sent(pieces: readonly string[], broken?: Error): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(Buffer.from(piece));
      if (broken) controller.error(broken);
      else controller.close();
    },
  });
}

describe("a file that a pool sends", () => {
  it("is written whole", async () => {
    await writeBounded(sent(["abc", "def"]), path, bound);
    expect(await readFile(path, "utf8")).toBe("abcdef");
  });

  it.each([
    ["is larger than it may be", sent(["abc", "defg"]), "too large"],
    ["breaks off", sent(["abc"], new TypeError("terminated")), "terminated"],
  ])("leaves nothing behind where it %s", async (_, body, message) => {
    await expect(writeBounded(body, path, bound)).rejects.toThrow(message);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("never takes another's place", async () => {
    await writeFile(path, "mine");
    const written = writeBounded(sent(["abc"]), path, bound);
    await expect(written).rejects.toMatchObject({ code: "bad-argument", message: `There is a file ${path} already.` });
    expect(await readFile(path, "utf8")).toBe("mine");
  });
});
