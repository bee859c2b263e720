import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { EpochVerifier, isEpochRefusal } from "../../../src/rewards/epoch/verify-epoch.js";
import { fromCbor } from "../../../src/shared/cbor.js";
import { toHex } from "../../../src/shared/bytes.js";
import type { Signed } from "../../../src/shared/signed.js";
import { hex, vectorFile } from "../../fixtures.js";
import { epochPrimitives } from "./epochs.js";

interface Vector {
  /** The pool's key. */
  readonly pool: string;
  /** The file, line by line, and its signed statement in CBOR. */
  readonly lines: readonly string[];
  readonly statement: string;
  /** What it says, and the epoch's id. */
  readonly root: string;
  readonly id: string;
  readonly earned: Readonly<Record<string, string>>;
  /** What is posted on chain, and what each address can claim. */
  readonly claims: string;
  readonly claimable: Readonly<Record<string, string>>;
  /** The same file with one thing changed, and why it is refused then. */
  readonly changed: readonly { readonly from: string; readonly to: string; readonly mismatch: string }[];
}

const vector = JSON.parse(await readFile(vectorFile("epoch"), "utf8")) as Vector;

function verify(lines: readonly string[]) {
  const verifier = new EpochVerifier(epochPrimitives);
  for (const line of lines) if (!verifier.take(line)) break;
  return verifier.end(fromCbor(hex(vector.statement)) as Signed, hex(vector.pool));
}

const written = (amounts: ReadonlyMap<string, bigint>) =>
  Object.fromEntries([...amounts].map(([name, amount]) => [name, String(amount)]));

describe("the epoch in vectors/epoch.json", () => {
  it("has its root and its sums", () => {
    const epoch = verify(vector.lines);
    if (isEpochRefusal(epoch)) throw new Error(epoch.mismatch);
    expect([toHex(epoch.statement.root), toHex(epoch.id)]).toEqual([vector.root, vector.id]);
    expect(toHex(epoch.statement.claims)).toBe(vector.claims);
    const { earned, claimable } = epoch.totals;
    expect([written(earned), written(claimable)]).toEqual([vector.earned, vector.claimable]);
  });

  it.each(vector.changed)("is refused with $to in place of $from", ({ from, to, mismatch }) => {
    const text = vector.lines.join("\n");
    expect(text).toContain(from);
    expect(verify(text.replace(from, to).split("\n"))).toMatchObject({ mismatch });
  });
});
