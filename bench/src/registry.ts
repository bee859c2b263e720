import type { Benchmark } from "./benchmark.js";
import { accountant } from "./benchmarks/accountant.js";
import { cheatCost } from "./benchmarks/cheat-cost.js";
import { creditAuc } from "./benchmarks/credit-auc.js";
import { economicsAttacks } from "./benchmarks/economics-attacks.js";
import { economics } from "./benchmarks/economics.js";
import { engineOverhead } from "./benchmarks/engine-overhead.js";
import { epoch } from "./benchmarks/epoch.js";
import { federatedRound } from "./benchmarks/federated-round.js";
import { fuelOverhead } from "./benchmarks/fuel-overhead.js";
import { kernelCpu } from "./benchmarks/kernel-cpu.js";
import { ledger } from "./benchmarks/ledger.js";
import { lifecycle } from "./benchmarks/lifecycle.js";
import { matching } from "./benchmarks/matching.js";
import { packing } from "./benchmarks/packing.js";
import { participantPrivacy } from "./benchmarks/participant-privacy.js";
import { prediction } from "./benchmarks/prediction.js";
import { ratingOverhead } from "./benchmarks/rating-overhead.js";
import { ratingProof } from "./benchmarks/rating-proof.js";
import { ratingRepeat } from "./benchmarks/rating-repeat.js";
import { sealedBlob } from "./benchmarks/sealed-blob.js";
import { secureSum } from "./benchmarks/secure-sum.js";
import { secureSumPeers } from "./benchmarks/secure-sum-peers.js";
import { settlementGas } from "./benchmarks/settlement-gas.js";
import { shareCap } from "./benchmarks/share-cap.js";
import { startLatency } from "./benchmarks/start-latency.js";
import { taskRate } from "./benchmarks/task-rate.js";
import { trainEngine } from "./benchmarks/train-engine.js";
import { verifyCost } from "./benchmarks/verify-cost.js";

/** All benchmarks, in the order in which `all` runs them. */
export const benchmarks: readonly Benchmark[] = [
  startLatency,
  taskRate,
  ledger,
  lifecycle,
  matching,
  packing,
  sealedBlob,
  engineOverhead,
  fuelOverhead,
  kernelCpu,
  ratingRepeat,
  ratingProof,
  ratingOverhead,
  prediction,
  shareCap,
  cheatCost,
  verifyCost,
  settlementGas,
  epoch,
  economics,
  economicsAttacks,
  trainEngine,
  creditAuc,
  accountant,
  participantPrivacy,
  secureSum,
  secureSumPeers,
  federatedRound,
];
