import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import { addStreams, keystream, RandomWords, subtractWords } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { combine, type Share, shareOut, weightsOf } from "./shamir.js";

/*
 * Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning" (CCS 2017), figure 4, against an honest-but-curious server: masks
 * between every two clients and one of each client's own, X25519, AES-128-CTR and AES-256-GCM by the same primitives as ours. Left out in its favour:
 * signed keys and the consistency check that a malicious server makes necessary, encoding and sending of messages, and the network with its four rounds.
 */

/** What a client makes known of itself. */
export interface PublicKeys {
  /** Raw X25519: for shares, and for masks. */
  readonly forShares: Uint8Array;
  readonly forMasks: Uint8Array;
}

/** What a client sends to another through the server: shares of its mask key and of its own mask's seed. */
interface SealedShares {
  readonly nonce: Uint8Array;
  readonly bytes: Uint8Array;
}

/** Both shares, open. */
export interface OpenShares {
  readonly key: Share;
  readonly seed: Share;
}

const [spki, pkcs8] = [
  Buffer.from("302a300506032b656e032100", "hex"),
  Buffer.from("302e020100300506032b656e04220420", "hex"),
];
const empty = new Uint8Array(0);
const random = new RandomWords(primitives.randomBytes);
/** Whole numbers below 65,537; the bias of 2^-16 is nothing to a benchmark. */
const coefficient = (): number => random.next() % 65_537;

/** One client. */
export class PairwiseClient {
  readonly #place: number;
  readonly #shareKey = generateKeyPairSync("x25519");
  readonly #maskKey = generateKeyPairSync("x25519");
  readonly #seed = primitives.randomBytes(32);
  /** Keys that it has agreed on with each other client, for shares. */
  readonly #agreed = new Map<number, Uint8Array>();

  /** @param place from 0, among all clients */
  constructor(place: number) {
    this.#place = place;
  }

  /** Round 0. */
  advertise(): PublicKeys {
    return { forShares: raw(this.#shareKey.publicKey), forMasks: raw(this.#maskKey.publicKey) };
  }

  /** Round 1: one for each client, itself included. */
  share(keys: readonly PublicKeys[], threshold: number): SealedShares[] {
    const secret = this.#maskKey.privateKey.export({ format: "der", type: "pkcs8" }).subarray(pkcs8.length);
    const keyShares = shareOut(secret, keys.length, threshold, coefficient);
    const seedShares = shareOut(this.#seed, keys.length, threshold, coefficient);
    return keys.map(({ forShares }, other) => {
      const key = agree(this.#shareKey.privateKey, forShares);
      this.#agreed.set(other, key);
      const plain = new Uint8Array(Float64Array.of(...keyShares[other]!, ...seedShares[other]!).buffer);
      const nonce = primitives.randomBytes(12);
      const [sealed, tag] = primitives.aesGcmSeal(key, nonce, plain, empty);
      return { nonce, bytes: Buffer.concat([sealed, tag]) };
    });
  }

  /** Round 2: masks `integers` in place. */
  mask(integers: Int32Array, keys: readonly PublicKeys[]): void {
    const taken = new Int32Array(integers.length);
    for (const [other, { forMasks }] of keys.entries()) {
      if (other === this.#place) continue;
      const stream = keystream(agree(this.#maskKey.privateKey, forMasks), primitives);
      addStreams(other > this.#place ? integers : taken, [stream], primitives);
    }
    subtractWords(integers, taken);
    addStreams(integers, [keystream(this.#seed, primitives)], primitives);
  }

  /** Round 3: what others have sent to this client. @param sealed by client */
  open(sealed: readonly SealedShares[]): OpenShares[] {
    return sealed.map(({ nonce, bytes }, other) => {
      const opened = primitives.aesGcmOpen(this.#agreed.get(other)!, nonce, bytes, empty);
      if (!opened) throw new TypeError("a share does not open");
      const shares = new Float64Array(Uint8Array.from(opened).buffer);
      return { key: shares.subarray(0, shares.length / 2), seed: shares.subarray(shares.length / 2) };
    });
  }
}

/** The server, once the masked values are added up: takes masks off the sum. */
export class PairwiseServer {
  readonly #keys: readonly PublicKeys[];
  readonly #weights: Float64Array;

  /** @param holders clients that still answer, as many as the threshold: whose shares are used */
  constructor(keys: readonly PublicKeys[], holders: readonly number[]) {
    this.#keys = keys;
    this.#weights = weightsOf(holders.map((place) => place + 1));
  }

  /** The own mask of a client that has uploaded. @param shares of its seed, in the order of the holders */
  takeOwnMask(sums: Int32Array, shares: readonly Share[]): void {
    const mask = new Int32Array(sums.length);
    addStreams(mask, [keystream(combine(shares, this.#weights), primitives)], primitives);
    subtractWords(sums, mask);
  }

  /** The masks that others have shared with a client that has not uploaded. @param shares of its mask key @param others that have uploaded */
  takePairMasks(sums: Int32Array, place: number, shares: readonly Share[], others: readonly number[]): void {
    const der = Buffer.concat([pkcs8, combine(shares, this.#weights)]);
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const [more, less] = [new Int32Array(sums.length), new Int32Array(sums.length)];
    for (const other of others) {
      const stream = keystream(agree(key, this.#keys[other]!.forMasks), primitives);
      addStreams(place > other ? more : less, [stream], primitives);
    }
    subtractWords(sums, more);
    primitives.arithmetic.addWords(sums, [new Uint8Array(less.buffer)]);
  }
}

function raw(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "spki" }).subarray(spki.length);
}

/** 32 bytes that both have. */
function agree(privateKey: KeyObject, other: Uint8Array): Uint8Array {
  const publicKey = createPublicKey({ key: Buffer.concat([spki, other]), format: "der", type: "spki" });
  return createHash("sha256").update(diffieHellman({ privateKey, publicKey })).digest();
}
