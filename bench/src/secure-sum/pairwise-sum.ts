import { primitives } from "@aegis-pool/platform";
import { cpuMs } from "../cpu-time.js";
import { PairwiseClient, PairwiseServer } from "./pairwise.js";

/** Processor time of all clients together and of the server, in ms. */
export interface PairwiseSpent {
  readonly clients: number;
  /** Where those that drop out do so after they have uploaded. */
  readonly server: number;
  /** What is added to it where they do so before, and every client that is left has a mask with each of them. */
  readonly serverForPairs: number;
}

/** A sum by pairwise masks. */
export interface PairwiseSetting {
  readonly clients: number;
  /** Clients, the first, whose work is done and measured; it is multiplied where they are not all. */
  readonly sample: number;
  /** Clients, the first, that drop out. */
  readonly dropping: number;
  /** Integers before they are masked, of client `place`. */
  readonly integersOf: (place: number) => Int32Array;
}

/** What the server has once all have uploaded, or some of them. */
interface Uploaded {
  readonly server: PairwiseServer;
  readonly sums: Int32Array;
  /** The clients whose shares are used: as many as the threshold, none of them dropping out. */
  readonly holders: readonly number[];
  /** What each client has sent to each, opened, by sender. */
  readonly shares: readonly ReturnType<PairwiseClient["open"]>[];
  /** Processor time for the keys and signatures of all, and for what else those that are measured have done. */
  readonly keysMs: number;
  readonly sampleMs: number;
}

/** What the sum takes. */
export function pairwiseCost(setting: PairwiseSetting): PairwiseSpent {
  const { clients, sample, dropping } = setting;
  const uploaded = upload(setting);
  const { server, sums, holders, shares, keysMs, sampleMs } = uploaded;
  const begun = cpuMs();
  takeOwnMasks(uploaded, shares);
  const unmasked = cpuMs();
  const keyShares = holders.map((holder) => shares[0]![holder]!.key);
  server.takePairMasks(sums, 0, keyShares, range(dropping, clients));
  return {
    clients: keysMs + (sampleMs * clients) / sample,
    server: ((unmasked - begun) * clients) / sample,
    serverForPairs: (cpuMs() - unmasked) * dropping,
  };
}

/** The sum of all clients' integers but those of client 0, which drops out before it has uploaded. */
export function pairwiseSumWithoutFirst(setting: PairwiseSetting): Int32Array {
  const uploaded = upload(setting, 1);
  const { sums, server, holders, shares } = uploaded;
  takeOwnMasks(uploaded, shares.slice(1));
  const keyShares = holders.map((holder) => shares[0]![holder]!.key);
  server.takePairMasks(sums, 0, keyShares, range(1, setting.clients));
  return sums;
}

/** @param from the first client whose upload is added */
function upload({ clients, sample, dropping, integersOf }: PairwiseSetting, from = 0): Uploaded {
  const started = cpuMs();
  const threshold = Math.ceil((2 * clients) / 3);
  const all = range(0, clients).map((place) => new PairwiseClient(place));
  const keys = all.map((client) => client.advertise());
  const sums = new Int32Array(integersOf(0).length);
  const uploaded = new Uint8Array(clients).fill(1);
  const signatures = all.map((client) => client.attest(uploaded));
  const begun = cpuMs();
  const shares = all.slice(0, sample).map((client, place) => {
    const integers = integersOf(place);
    const sealed = client.share(keys, threshold);
    client.mask(integers, keys);
    if (place >= from) primitives.arithmetic.addWords(sums, new Uint8Array(integers.buffer));
    client.requireSame(uploaded, keys, signatures);
    // it opens what it has sealed: both ends have the same key, and what others have sealed takes as long
    return client.open(sealed);
  });
  const [keysMs, sampleMs] = [begun - started, cpuMs() - begun];
  const holders = range(dropping, dropping + threshold);
  return { sums, holders, shares, keysMs, sampleMs, server: new PairwiseServer(keys, holders) };
}

function takeOwnMasks({ server, sums, holders }: Uploaded, shares: Uploaded["shares"]): void {
  for (const own of shares) {
    const seeds = holders.map((holder) => own[holder]!.seed);
    server.takeOwnMask(sums, seeds);
  }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
