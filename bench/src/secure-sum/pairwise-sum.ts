import { primitives } from "@aegis-pool/platform";
import { type OpenShares, PairwiseClient, PairwiseServer } from "./pairwise.js";

/** How long all clients and the server have computed, in ms. */
export interface PairwiseSpent {
  readonly clients: number;
  /** Where those that drop out do so after they have uploaded. */
  readonly server: number;
  /** What is added to it where they do so before, and every client that is left has a mask with them. */
  readonly serverForPairs: number;
}

/** A sum by pairwise masks. */
export interface PairwiseSetting {
  readonly clients: number;
  /** Clients whose work is done and measured: all, or some that stand for all. */
  readonly sample: number;
  /** Of all clients. */
  readonly dropping: number;
  /** Integers before they are masked, of client `place`. */
  readonly integersOf: (place: number) => Int32Array;
}

/** Takes part of the work of all clients, and multiplies it. */
export function pairwiseSum({ clients, sample, dropping, integersOf }: PairwiseSetting): {
  readonly spent: PairwiseSpent;
  /** Where all clients' work is done. */
  readonly words: Int32Array;
} {
  const threshold = Math.ceil((2 * clients) / 3);
  const all = Array.from({ length: clients }, (_, place) => new PairwiseClient(place));
  const keys = all.map((client) => client.advertise());
  let clientMs = 0;
  const sums = integersOf(0).fill(0);
  // the same bytes are opened that were sealed: both ends have the same key, and opening one takes as long as any
  const shares: OpenShares[][] = [];
  for (const [place, client] of all.slice(0, sample).entries()) {
    const integers = integersOf(place);
    const started = performance.now();
    const made = new PairwiseClient(place);
    made.advertise();
    const sealed = client.share(keys, threshold);
    client.mask(integers, keys);
    shares.push(client.open(sealed));
    clientMs += performance.now() - started;
    primitives.arithmetic.addWords(sums, [new Uint8Array(integers.buffer)]);
  }
  const holders = Array.from({ length: threshold }, (_, holder) => dropping + holder);
  const started = performance.now();
  const server = new PairwiseServer(keys, holders);
  for (const own of shares) {
    primitives.arithmetic.addWords(new Int32Array(sums.length), [new Uint8Array(sums.buffer)]); // the upload, added up
    server.takeOwnMask(
      sums,
      holders.map((holder) => own[holder]!.seed),
    );
  }
  const added = performance.now();
  const others = Array.from({ length: clients - dropping }, (_, other) => dropping + other);
  const one = new Int32Array(sums.length);
  const keyShares = holders.map((holder) => shares[0]![holder]!.key);
  server.takePairMasks(one, 0, keyShares, others);
  const pairs = performance.now() - added;
  return {
    spent: {
      clients: (clientMs * clients) / sample,
      server: ((added - started) * clients) / sample,
      serverForPairs: pairs * dropping,
    },
    words: sums,
  };
}
