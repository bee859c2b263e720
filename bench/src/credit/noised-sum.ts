import { decodeStep, encodeStep, lengthOf, RandomWords, SkellamNoise, type StepSum } from "@aegis-pool/core";
import { primitives } from "@aegis-pool/platform";

const random = (length: number) => primitives.randomBytes(length);

/** Adds what participants would upload, clipped, rounded and with Skellam noise as it is, but for the masks, which cancel. */
export function noisedSum(): StepSum {
  const noise = new SkellamNoise(new RandomWords(random));
  const addNoise = (into: Int32Array, variance: number) => noise.addTo(into, variance);
  return (steps) => {
    const first = steps[0]!;
    const total = new Int32Array(lengthOf(first));
    for (const step of steps) {
      const integers = encodeStep(step, { random, addNoise, arithmetic: primitives.arithmetic });
      for (let at = 0; at < total.length; at++) total[at]! += integers[at]!;
    }
    return [{ participants: steps.length, parts: decodeStep(first, total) }];
  };
}
