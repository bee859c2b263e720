import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { primitives } from "@aegis-pool/platform";
import { expect, it } from "vitest";
import { recordOf } from "../../src/committee/sign-records.js";
import { StandIn } from "./stand-in.js";
import { wholeSum } from "./whole-sum.js";

/** What is looked for of each secret: it may stand there in bytes or in text. */
function tracesOf(secret: Uint8Array): string[] {
  const bytes = Buffer.from(secret.subarray(0, 16));
  return [bytes.toString("latin1"), bytes.toString("hex"), bytes.toString("base64").slice(0, 20)];
}

it("leaves nothing of an upload, a seed, a mask or a sum in the agent's folder", async () => {
  const at = await StandIn.of();
  await at.open();
  const seeds: Uint8Array[] = [];
  const random = (length: number) => {
    const made = primitives.randomBytes(length);
    seeds.push(made);
    return made;
  };
  await at.upload((place) => 1_000_003 * place, random);
  await wholeSum(at, [0, 1, 2, 3]);
  // uploads, sums of masks and the sum are what passed over the pool's files
  const secrets = [...seeds, ...at.served.files.values()];
  expect([seeds.length, at.served.files.size]).toEqual([24, 11]);
  for (const { directory } of at.members) {
    const names = await readdir(directory);
    expect(names).toEqual(["committee.log"]);
    const text = await readFile(join(directory, "committee.log"), "latin1");
    const lines = text.split("\n").filter((line) => line !== "");
    expect(lines.map((line) => recordOf(line)?.sum.group)).toEqual([0]);
    expect(secrets.flatMap((secret) => tracesOf(secret).filter((trace) => text.includes(trace)))).toEqual([]);
  }
});
