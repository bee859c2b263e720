import { encodeStep, keystream, type Step } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";
import type { Benchmark, RunOptions } from "../benchmark.js";
import { pairwiseCost, pairwiseSumWithoutFirst } from "../secure-sum/pairwise-sum.js";
import { openParties } from "../secure-sum/parties.js";
import { madeUpdate, updateStep } from "../secure-sum/updates.js";
import { wholeSum } from "../secure-sum/whole-sum.js";

const length = 100_000;
const dropping = 0.1;
/** Clients of the pairwise sum whose work is measured; what they take is multiplied. */
const sampled = 10;

/** The secure sum against the one that most systems use, where every two clients have a mask. */
export const secureSumPeers: Benchmark = {
  name: "secure-sum-peers",
  summary:
    "processor time of all clients and servers for one sum of 100,000 parameters, against pairwise masking (Bonawitz et al., CCS 2017), 10% dropping out",
  async run(options) {
    requireReference();
    const small = await both(100, options);
    const large = await both(500, options);
    return {
      figures: [
        { name: "timesLess100", value: small.pairwise / small.ours, unit: "ratio", atLeast: 20 },
        { name: "timesLess500", value: large.pairwise / large.ours, unit: "ratio", atLeast: 20 },
        { name: "timesLessDroppingBefore100", value: (small.pairwise + small.pairs) / small.ours, unit: "ratio" },
        { name: "timesLessDroppingBefore500", value: (large.pairwise + large.pairs) / large.ours, unit: "ratio" },
        { name: "ours100Ms", value: small.ours, unit: "ms" },
        { name: "ours500Ms", value: large.ours, unit: "ms" },
      ],
      baseline: {
        pairwise100Ms: small.pairwise,
        pairwise500Ms: large.pairwise,
        ...{ dropBeforeUpload100Ms: small.pairs, dropBeforeUpload500Ms: large.pairs, clientsMeasured: sampled },
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

async function both(clients: number, { seed, say }: RunOptions): Promise<Both> {
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
  const random = keystream(primitives.randomBytes(32), primitives);
  return encodeStep(step, { random, addNoise: () => undefined, arithmetic: primitives.arithmetic });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}
