import { decodeStep, encodeStep, lengthOf, RandomWords, SkellamNoise, type StepSum } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

/** Adds what participants would upload, clipped, rounded and with Skellam noise as it is, but for the masks, which cancel. */
export function noisedSum(): StepSum {
  const noise = new SkellamNoise(new RandomWords((length) => primitives.randomBytes(length)));
  const addNoise = (into: Int32Array, variance: number) => noise.addTo(into, variance);
  return (steps) => {
    const first = steps[0]!;
    const total = new Int32Array(lengthOf(first));
    for (const step of steps) {
      const { random, arithmetic } = primitives;
      const integers = encodeStep(step, { random, arithmetic, addNoise });
      for (let at = 0; at < total.length; at++) total[at]! += integers[at]!;
    }
    return [{ participants: steps.length, parts: decodeStep(first, total) }];
  };
}
