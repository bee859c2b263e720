// Recomputes an epoch's roots and sums from its public file, with nothing but Node.js: no line of the pool's own code.
//   node examples/epoch/recompute.mjs epoch-20785.jsonl
// For the claims tree it takes Keccak-256 from npm's @noble/hashes: Node.js has none.
import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { keccak_256 } from "@noble/hashes/sha3.js";

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

const inOrder = (one, other) => Buffer.compare(one, other);
const word = (hex) => Buffer.from(hex.padStart(64, "0"), "hex");

/** OpenZeppelin's StandardMerkleTree over (address, uint256): leaves hashed twice and in order, children in order. */
function claimsRoot(claimable) {
  const leaves = [...claimable].map(([address, amount]) =>
    keccak_256(keccak_256(Buffer.concat([word(address), word(amount.toString(16))]))),
  );
  const heap = [...Array(leaves.length - 1), ...leaves.sort(inOrder).toReversed()];
  for (let at = leaves.length - 2; at >= 0; at--)
    heap[at] = keccak_256(Buffer.concat([heap[2 * at + 1], heap[2 * at + 2]].sort(inOrder)));
  return Buffer.from(heap[0]);
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
const [earned, claimable] = [new Map(), new Map()];
let [header, statement] = [];
for await (const line of createInterface({ input: createReadStream(process.argv[2]) })) {
  const row = JSON.parse(line);
  if (row.statement) {
    statement = readMap(Buffer.from(row.statement, "base64url"));
    continue;
  }
  header ??= row;
  tree.add(line);
  if (row.claimable) claimable.set(row.address, BigInt(row.claimable));
  else if (row.amount && !row.payout) earned.set(row.operator, (earned.get(row.operator) ?? 0n) + BigInt(row.amount));
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
const claims = claimable.size > 0 ? claimsRoot(claimable) : Buffer.alloc(32);
const isClaimable = claims.equals(body.claims);

console.log(`epoch ${header.epoch}: ${tree.size} lines, root ${tree.root().toString("hex")}`);
for (const [operator, amount] of earned) console.log(`  ${operator.slice(0, 16)}… earned ${amount} nAIS`);
for (const [address, amount] of claimable) console.log(`  0x${address} can claim ${amount} nAIS in all`);
console.log(isSigned && isSame && isClaimable ? "as the pool has signed it" : "NOT as the pool has signed it");
process.exitCode = isSigned && isSame && isClaimable ? 0 : 4;
