/**
 * The thread that checks proofs of speed: an expensive one takes a second, in which the pool must go on answering.
 */
import { parentPort } from "node:worker_threads";
import { checkProduct } from "@aegis-pool/core";
import { combineAndFold, primitives } from "@aegis-pool/platform";
import type { CheckRequest, CheckVerdict } from "./product-checks.js";

parentPort?.on("message", ({ ticket, challenge, answer }: CheckRequest) => {
  const refusal = checkProduct(challenge, answer, { primitives, combineAndFold });
  parentPort?.postMessage({ ticket, refusal } satisfies CheckVerdict);
});
