import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  sign,
  verify,
} from "node:crypto";
import { concatBytes, keystream, RandomWords, subtractWords } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import { combine, type Share, shareOut, weightsOf } from "./shamir.js";

/*
 * Bonawitz et al., "Practical Secure Aggregation for Privacy-Preserving Machine Learning" (CCS 2017), figure 4, with the steps against a server that
 * lies, since ours is safe from one: signed keys and the consistency check. Masks between every two clients and one of each client's own. X25519,
 * Ed25519, AES-128-CTR, AES-256-GCM, and the addition of masks are those of our own sum. Left out in its favour: the encoding, sending and checking
 * of messages, the server's part in passing them on, and the network with its five rounds.
 */

/** What a client makes known of itself: raw keys. */
export interface PublicKeys {
  readonly identity: Uint8Array;
  /** X25519: for shares, and for masks. */
  readonly forShares: Uint8Array;
  readonly forMasks: Uint8Array;
  /** Of both, by the identity. */
  readonly signature: Uint8Array;
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

const pkcs8 = Buffer.from("302e020100300506032b656e04220420", "hex");
const { arithmetic } = primitives;
const empty = new Uint8Array(0);
const random = new RandomWords((length) => primitives.randomBytes(length));
/** Whole numbers below 65,537; the bias of 2^-16 is nothing to a benchmark. */
const coefficient = (): number => random.next() % 65_537;

/** One client. */
export class PairwiseClient {
  readonly #place: number;
  readonly #identity = generateKeyPairSync("ed25519");
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
    const [forShares, forMasks] = [raw(this.#shareKey.publicKey), raw(this.#maskKey.publicKey)];
    const signature = sign(null, concatBytes(forShares, forMasks), this.#identity.privateKey);
    return { identity: raw(this.#identity.publicKey), forShares, forMasks, signature };
  }

  /** Round 1: one for each client, itself included. */
  share(keys: readonly PublicKeys[], threshold: number): SealedShares[] {
    for (const { identity, forShares, forMasks, signature } of keys)
      requireSigned(identity, concatBytes(forShares, forMasks), signature);
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
      arithmetic.addStreams(other > this.#place ? integers : taken, [stream]);
    }
    subtractWords(integers, taken);
    arithmetic.addStreams(integers, [keystream(this.#seed, primitives)]);
  }

  /** Round 3: says who has uploaded. */
  attest(uploaded: Uint8Array): Uint8Array {
    return sign(null, uploaded, this.#identity.privateKey);
  }

  /** Whether all have been told of the same uploads. */
  requireSame(uploaded: Uint8Array, keys: readonly PublicKeys[], signatures: readonly Uint8Array[]): void {
    for (const [other, { identity }] of keys.entries()) requireSigned(identity, uploaded, signatures[other]!);
  }

  /** Round 4: what others have sent to this client. @param sealed by client */
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
    arithmetic.addStreams(mask, [keystream(combine(shares, this.#weights), primitives)]);
    subtractWords(sums, mask);
  }

  /** The masks that others have shared with a client that has not uploaded. @param shares of its mask key @param others that have uploaded */
  takePairMasks(sums: Int32Array, place: number, shares: readonly Share[], others: readonly number[]): void {
    const der = Buffer.concat([pkcs8, combine(shares, this.#weights)]);
    const key = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const [more, less] = [new Int32Array(sums.length), new Int32Array(sums.length)];
    for (const other of others) {
      const stream = keystream(agree(key, this.#keys[other]!.forMasks), primitives);
      arithmetic.addStreams(place > other ? more : less, [stream]);
    }
    subtractWords(sums, more);
    arithmetic.addWords(sums, new Uint8Array(less.buffer));
  }
}

function raw(key: KeyObject): Uint8Array {
  return key.export({ format: "der", type: "spki" }).subarray(-32);
}

/** As a JSON Web Key, like ours: in DER it would take ten times as long. */
function parsed(crv: "Ed25519" | "X25519", key: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv, x: Buffer.from(key).toString("base64url") }, format: "jwk" });
}

/** 32 bytes that both have. */
function agree(privateKey: KeyObject, other: Uint8Array): Uint8Array {
  const secret = diffieHellman({ privateKey, publicKey: parsed("X25519", other) });
  return createHash("sha256").update(secret).digest();
}

function requireSigned(identity: Uint8Array, message: Uint8Array, signature: Uint8Array): void {
  if (!verify(null, message, parsed("Ed25519", identity), signature)) throw new TypeError("a signature is none");
}
