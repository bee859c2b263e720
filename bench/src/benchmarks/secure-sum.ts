import { addMasks, checkUpload, decodeStep, type HeldUpload, subsetsKnownTo, totalsOf } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { cpuMs } from "../cpu-time.js";
import { openParties } from "../secure-sum/parties.js";
import { madeUpdate, quantum, updateStep, withinNorm } from "../secure-sum/updates.js";
import { uploadOf, wholeSum } from "../secure-sum/whole-sum.js";
import { median } from "../statistics.js";

const million = 1_000_000;
/** Of the model whose upload is weighed and whose sum is compared, and among how many. */
const [length, participants] = [100_000, 20];
/** Of the uploads in one measurement of a member, and how many they are: so many are added at a time in a sum of many. */
const [memberLength, uploadsAtOnce] = [250_000, 8];
/** Measurements that are not counted: the compiler is at work. */
const warmUps = 15;

/** What a secure sum costs a participant and a committee member, how much more travels, and how far the sum is from the plain one. */
export const secureSum: Benchmark = {
  name: "secure-sum",
  summary:
    "one secure sum, committee of 4,1: a participant's time, a member's rate, bytes that travel, and the sum's error, against the plain sum",
  async run(options) {
    const rounds = options.long ? 100 : 25;
    const client = await clientTimes(rounds, options);
    const member = await memberTimes(rounds, options);
    const error = await sumError(options);
    const expansion = await uploadExpansion(options);
    return {
      figures: [
        { name: "clientMsPerMillion", value: Math.min(...client.upload), unit: "ms", atMost: 12 },
        { name: "clientMedianMsPerMillion", value: median(client.upload), unit: "ms" },
        { name: "clientCpuMsPerMillion", value: client.cpuMs, unit: "ms" },
        { name: "memberGigaParamsPerSecond", value: 1 / Math.min(...member.masks), unit: "Gparam/s", atLeast: 0.3 },
        { name: "memberMedianGigaParamsPerSecond", value: 1 / median(member.masks), unit: "Gparam/s" },
        { name: "memberUploadMsPerMillion", value: Math.min(...member.whole) - Math.min(...member.masks), unit: "ms" },
        { name: "memberWholeGigaParamsPerSecond", value: 1 / Math.min(...member.whole), unit: "Gparam/s" },
        { name: "uploadExpansion", value: expansion, unit: "ratio", atMost: 1.01 },
        { name: "worstErrorQuantaPerClient", value: error.worst / participants, unit: "quanta", atMost: 1 },
        { name: "rmsErrorPerRootClients", value: error.rms / Math.sqrt(participants), unit: "quanta", atMost: 0.5 },
      ],
      baseline: { plainSumMsPerMillion: Math.min(...client.plain), plainSumMedianMsPerMillion: median(client.plain) },
    };
  },
};

/** One upload of a million values: cut to its norm, rounded, masked, hashed, its seeds sealed, signed. And adding the same values plainly. */
async function clientTimes(rounds: number, { seed, say }: RunOptions) {
  const parties = await openParties(5, million, primitives);
  const step = updateStep(madeUpdate(million, seed));
  const upload: number[] = [];
  let usedMs = 0;
  for (let round = 0; round < rounds + warmUps; round++) {
    const [started, before] = [performance.now(), cpuMs()];
    await uploadOf(parties, 0, step, primitives);
    upload.push(performance.now() - started);
    if (round >= warmUps) usedMs += (cpuMs() - before) / rounds;
  }
  const plain = plainSumTimes(step.parts[0]!.values as Float64Array, rounds);
  say(`a participant: ${upload.map((ms) => ms.toFixed(1)).join(" ")} ms`);
  return { upload: upload.slice(warmUps), plain, cpuMs: usedMs };
}

/** ms for adding the same values plainly. */
function plainSumTimes(values: Float64Array, rounds: number): number[] {
  const sum = new Float64Array(values.length);
  const times = Array.from({ length: rounds + warmUps }, () => {
    const started = performance.now();
    for (let at = 0; at < sum.length; at++) sum[at]! += values[at]!;
    return performance.now() - started;
  });
  return times.slice(warmUps);
}

/**
 * ms of one member per million parameters of one survivor. `masks`: the masks of all three subsets whose seeds the member knows, made and added to their
 * sums. `whole`: the same, and each upload hashed, compared with what was signed, and added; from memory, so without the network.
 */
async function memberTimes(rounds: number, { seed, say }: RunOptions) {
  const parties = await openParties(uploadsAtOnce, memberLength, primitives);
  const context = parties.contexts[0]!;
  const files = new Map<Uint8Array, Uint8Array>();
  const held: HeldUpload[] = [];
  for (let place = 0; place < uploadsAtOnce; place++) {
    const { statement, masked } = await uploadOf(
      parties,
      place,
      updateStep(madeUpdate(memberLength, seed)),
      primitives,
    );
    const checked = await checkUpload(statement, place, new Map(), context);
    if (typeof checked === "string") throw new TypeError(checked);
    files.set(checked.upload.upload, masked);
    held.push(checked);
  }
  const totals = subsetsKnownTo(0, context.committee.shape).map(() => new Int32Array(memberLength));
  const perMillion = (ms: number) => (ms * million) / (memberLength * uploadsAtOnce);
  const [masks, whole]: [number[], number[]] = [[], []];
  for (let round = 0; round < 4 * rounds + warmUps; round++) {
    const started = performance.now();
    addMasks(totals, held, 0, context);
    const added = performance.now();
    await totalsOf(held, 0, context, (hash) => Promise.resolve(files.get(hash)!));
    masks.push(perMillion(added - started));
    whole.push(perMillion(performance.now() - added));
  }
  say(`a member: ${Math.min(...masks).toFixed(2)} ms for masks, ${Math.min(...whole).toFixed(2)} ms in all`);
  return { masks: masks.slice(warmUps), whole: whole.slice(warmUps) };
}

/** Bytes that travel, statement included, for each 4 bytes of parameter. */
async function uploadExpansion({ seed }: RunOptions): Promise<number> {
  const parties = await openParties(5, length, primitives);
  const { statement, masked } = await uploadOf(parties, 0, updateStep(madeUpdate(length, seed)), primitives);
  return (masked.length + statement.body.length + statement.signature.length) / (length * 4);
}

/** The secure sum less the plain sum of the same values, in quanta. */
async function sumError({ seed, say }: RunOptions): Promise<{ readonly worst: number; readonly rms: number }> {
  say(`a sum of ${participants} uploads`);
  const parties = await openParties(participants, length, primitives);
  const steps = Array.from({ length: participants }, (_, place) => updateStep(madeUpdate(length, seed + place)));
  const { words } = await wholeSum(parties, (place) => steps[place]!, primitives);
  const [sums] = decodeStep(steps[0]!, words);
  const plain = new Float64Array(length);
  for (const { parts } of steps) {
    const added = withinNorm(parts[0]!.values as Float64Array);
    for (let at = 0; at < length; at++) plain[at]! += added[at]!;
  }
  const errors = plain.map((value, at) => Math.abs(sums![at]! - value) / quantum);
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  return { worst: errors.reduce((most, error) => Math.max(most, error), 0), rms: Math.sqrt(squares / length) };
}
