import { encodeStep, type Step } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { pairwiseCost, pairwiseSumWithoutFirst } from "../secure-sum/pairwise-sum.js";
import { openParties } from "../secure-sum/parties.js";
import { madeUpdate, updateStep } from "../secure-sum/updates.js";
import { wholeSum } from "../secure-sum/whole-sum.js";

/** Parameters of a network, and of a small one: with these it is agreeing on keys that takes the time. */
const [large, small] = [100_000, 10_000];
const dropping = 0.1;
/** Of a first sum that is not counted: the compiler is at work. */
const warmUpClients = 30;
/** Clients of the pairwise sum whose work is measured; what they take is multiplied. */
const sampled = 10;

/** The secure sum against the one that most systems use, where every two clients have a mask. */
export const secureSumPeers: Benchmark = {
  name: "secure-sum-peers",
  summary:
    "processor time of all clients and servers for one sum of 100,000 parameters, against pairwise masking (Bonawitz et al., CCS 2017), 10% dropping out",
  async run(options) {
    requireReference();
    await both(warmUpClients, large, options);
    const of100 = await both(100, large, options);
    const of500 = await both(500, large, options);
    const ofFewer = await both(100, small, options);
    return {
      figures: [
        { name: "timesLess100", value: of100.pairwise / of100.ours, unit: "ratio", atLeast: 20 },
        { name: "timesLess500", value: of500.pairwise / of500.ours, unit: "ratio", atLeast: 20 },
        { name: "timesLess100At10000", value: ofFewer.pairwise / ofFewer.ours, unit: "ratio" },
        { name: "timesLessDroppingBefore100", value: (of100.pairwise + of100.pairs) / of100.ours, unit: "ratio" },
        { name: "timesLessDroppingBefore500", value: (of500.pairwise + of500.pairs) / of500.ours, unit: "ratio" },
        { name: "ours100Ms", value: of100.ours, unit: "ms" },
        { name: "ours500Ms", value: of500.ours, unit: "ms" },
      ],
      baseline: {
        pairwise100Ms: of100.pairwise,
        pairwise500Ms: of500.pairwise,
        ...{ dropBeforeUpload100Ms: of100.pairs, dropBeforeUpload500Ms: of500.pairs, clientsMeasured: sampled },
      },
    };
  },
};

/** Processor time in ms, of all together. */
interface Both {
  readonly ours: number;
  readonly pairwise: number;
  /** What is added to `pairwise` where clients drop out before they have uploaded. */
  readonly pairs: number;
}

async function both(clients: number, length: number, { seed, say }: RunOptions): Promise<Both> {
  const steps = Array.from({ length: sampled }, (_, sample) => updateStep(madeUpdate(length, seed + sample)));
  const stepOf = (place: number) => steps[place % sampled]!;
  const parties = await openParties(clients, length, primitives);
  const { spent } = await wholeSum(parties, stepOf, primitives);
  const ours = spent.clients + spent.members + spent.pool;
  say(
    `${clients} clients, ours: ${seconds(spent.clients)} clients, ${seconds(spent.members)} members, ${seconds(spent.pool)} pool`,
  );
  const integersOf = (place: number) => encoded(stepOf(place));
  const theirs = pairwiseCost({ clients, sample: sampled, dropping: dropping * clients, integersOf });
  say(
    `${clients} clients, pairwise: ${seconds(theirs.clients)} clients, ${seconds(theirs.server)} server (from ${sampled} clients)`,
  );
  return { ours, pairwise: theirs.clients + theirs.server, pairs: theirs.serverForPairs };
}

/** A reference that does not give the sum would prove nothing. */
function requireReference(): void {
  const clients = 9;
  const sum = pairwiseSumWithoutFirst({
    ...{ clients, sample: clients, dropping: 1 },
    integersOf: (place) => Int32Array.from({ length: 1_000 }, (_, at) => place * 1_000 - at),
  });
  // 1 to 8 together, in thousands
  if (sum.some((value, at) => value !== 36_000 - 8 * at)) throw new TypeError("the pairwise sum is wrong");
}

function encoded(step: Step): Int32Array {
  const { random, arithmetic } = primitives;
  return encodeStep(step, { random, arithmetic, addNoise: () => undefined });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
