// Recomputes an epoch's root and sums from its public file, with nothing but Node.js: no line of the pool's own code.
//   node examples/epoch/recompute.mjs epoch-20785.jsonl
import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";

const sha256 = (...parts) => createHash("sha256").update(Buffer.concat(parts)).digest();

/** RFC 9162, section 2.1, leaf by leaf: complete subtrees, the largest first. */
class Tree {
  subtrees = [];
  size = 0;
  add(line) {
    this.size++;
    let [hash, leaves] = [sha256(Buffer.of(0), Buffer.from(line)), 1];
    while (this.subtrees.at(-1)?.leaves === leaves) {
      hash = sha256(Buffer.of(1), this.subtrees.pop().hash, hash);
      leaves *= 2;
    }
    this.subtrees.push({ hash, leaves });
  }
  root() {
    const hashes = this.subtrees.map(({ hash }) => hash);
    return hashes.reduceRight((right, left) => sha256(Buffer.of(1), left, right));
  }
}

/** The byte strings, texts and numbers in a map of CBOR (RFC 8949): as much of it as a statement needs. */
function readMap(bytes) {
  let at = 0;
  const length = (info) => {
    if (info < 24) return info;
    const size = 2 ** (info - 24);
    at += size;
    return size === 8 ? Number(bytes.readBigUInt64BE(at - 8)) : bytes.readUIntBE(at - size, size);
  };
  const item = () => {
    const [major, info] = [bytes[at] >> 5, bytes[at++] & 31];
    if (major === 7 && info === 27) return bytes.readDoubleBE((at += 8) - 8);
    const count = length(info);
    if (major === 0) return count;
    if (major === 5) return Object.fromEntries(Array.from({ length: count }, () => [item(), item()]));
    at += count;
    const piece = bytes.subarray(at - count, at);
    return major === 3 ? piece.toString() : piece;
  };
  return item();
}

const tree = new Tree();
const earned = new Map();
let [header, statement] = [];
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const row = JSON.parse(line);
  if (row.statement) {
    statement = readMap(Buffer.from(row.statement, "base64url"));
    continue;
  }
  header ??= row;
  tree.add(line);
  if (row.amount) earned.set(row.operator, (earned.get(row.operator) ?? 0n) + BigInt(row.amount));
}

const body = readMap(statement.body);
const key = {
  key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(header.pool, "hex").toString("base64url") },
  format: "jwk",
};
const signed = Buffer.concat([Buffer.from("aegis-pool/v1/epoch\0"), statement.body]);
const isSigned = verify(null, signed, createPublicKey(key), statement.signature);
const sum = [...earned.values()].reduce((all, one) => all + one, 0n);
const isSame = tree.root().equals(body.root) && tree.size === body.lines && String(sum) === body.earned;

console.log(`epoch ${header.epoch}: ${tree.size} lines, root ${tree.root().toString("hex")}`);
for (const [operator, amount] of earned) console.log(`  ${operator.slice(0, 16)}… earned ${amount} nAIS`);
console.log(isSigned && isSame ? "as the pool has signed it" : "NOT as the pool has signed it");
process.exitCode = isSigned && isSame ? 0 : 4;
