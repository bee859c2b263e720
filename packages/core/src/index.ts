export * from "./admin/parameters.js";
export * from "./admin/roles.js";
export * from "./admin/state.js";
export * from "./federated/accounting/budget.js";
export * from "./federated/accounting/charge-step.js";
export { noiseMultiplierFor, type PrivacyTarget, skellamVarianceFor } from "./federated/accounting/calibration.js";
export * from "./federated/accounting/composition.js";
export type { GaussianSteps } from "./federated/accounting/gaussian-steps.js";
export * from "./federated/accounting/gaussian.js";
export {
  type LossDistribution,
  lossesOfOutcomes,
  type PrivacyOutcome,
} from "./federated/accounting/loss-distribution.js";
export { gaussianCurve } from "./federated/accounting/renyi-gaussian.js";
export {
  type PrivacyAim,
  type RenyiCurve,
  renyiDelta,
  renyiEpsilon,
  renyiOrders,
} from "./federated/accounting/renyi.js";
export { directionEpsilon } from "./federated/accounting/skellam-losses.js";
export { skellamCurve, type SkellamSum, varianceOfParticipant, varianceOfSum } from "./federated/accounting/skellam.js";
export * from "./federated/formats/model-tensors.js";
export * from "./federated/formats/network-tensors.js";
export * from "./federated/formats/onnx/network.js";
export * from "./federated/formats/onnx/trees.js";
export * from "./federated/formats/safetensors/format.js";
export * from "./federated/formats/safetensors/read.js";
export * from "./federated/formats/safetensors/write.js";
export * from "./federated/metrics/measure-together.js";
export { chargedNoiseMultiplier, GaussianNoise } from "./federated/noise/gaussian-noise.js";
export { RandomWords } from "./federated/noise/random-words.js";
export { SkellamNoise } from "./federated/noise/skellam-noise.js";
export * from "./federated/preprocessing/bins.js";
export * from "./federated/preprocessing/categories.js";
export * from "./federated/preprocessing/features.js";
export type { SumTerms } from "./federated/preprocessing/parts.js";
export * from "./federated/preprocessing/quantiles.js";
export * from "./federated/preprocessing/standards.js";
export * from "./federated/preprocessing/table.js";
export * from "./federated/procedure.js";
export * from "./federated/quantum.js";
export { checkGroups, type RobustTerms } from "./federated/robust/robust-mean.js";
export * from "./federated/run-together.js";
export * from "./federated/run/draw.js";
export * from "./federated/run/member-work.js";
export * from "./federated/run/roster.js";
export * from "./federated/run/terms.js";
export * from "./federated/secure-sum/agreed-answers.js";
export type * from "./federated/secure-sum/arithmetic.js";
export * from "./federated/secure-sum/binding.js";
export * from "./federated/secure-sum/committee-keys.js";
export * from "./federated/secure-sum/committee.js";
export {
  type AddNoise,
  decode as decodeStep,
  encode as encodeStep,
  type EncodingSources,
  largestTotal,
  lengthOf,
  overflowOf,
  roundedNorm,
  spoiledPart,
} from "./federated/secure-sum/encoding.js";
export * from "./federated/secure-sum/history.js";
export * from "./federated/secure-sum/mask-stream.js";
export * from "./federated/secure-sum/member/attempt.js";
export * from "./federated/secure-sum/member/held-uploads.js";
export * from "./federated/secure-sum/member/sign-once.js";
export type * from "./federated/secure-sum/member/sum-terms.js";
export { addMasks, totalsOf } from "./federated/secure-sum/member/unmasking.js";
export * from "./federated/secure-sum/phases/agreeing.js";
export * from "./federated/secure-sum/phases/confirming.js";
export * from "./federated/secure-sum/phases/ended.js";
export * from "./federated/secure-sum/phases/gathering.js";
export type * from "./federated/secure-sum/phases/group-sum.js";
export * from "./federated/secure-sum/phases/unmasking.js";
export * from "./federated/secure-sum/result.js";
export * from "./federated/secure-sum/seeds.js";
export * from "./federated/secure-sum/statements.js";
export * from "./federated/secure-sum/sum-kernel.js";
export * from "./federated/secure-sum/survivors.js";
export * from "./federated/secure-sum/upload.js";
export type * from "./federated/strategies/strategy.js";
export * from "./federated/training/descend-together.js";
export * from "./federated/training/local-trainer.js";
export * from "./federated/training/network.js";
export type * from "./federated/training/optimisers.js";
export * from "./federated/training/participant-noise.js";
export * from "./federated/training/predict.js";
export * from "./federated/training/private-trainer.js";
export * from "./federated/training/rows.js";
export * from "./federated/training/seeded.js";
export * from "./federated/training/shared-model.js";
export * from "./federated/training/terms.js";
export * from "./federated/training/train-outside.js";
export * from "./federated/training/train-together.js";
export * from "./federated/trees/grow.js";
export type { TreeTerms } from "./federated/trees/terms.js";
export { predictTrees, type TreeModel, type TreeNode } from "./federated/trees/tree.js";
export * from "./ledger/accounts.js";
export * from "./ledger/bonds.js";
export * from "./ledger/book.js";
export * from "./ledger/deposits.js";
export * from "./ledger/operations.js";
export * from "./ledger/payout.js";
export * from "./ledger/vesting.js";
export * from "./market/back-off.js";
export * from "./market/charge.js";
export * from "./market/complex.js";
export * from "./market/lending.js";
export * from "./market/matching/filters.js";
export * from "./market/matching/matching.js";
export * from "./market/matching/price.js";
export * from "./market/observed-speeds.js";
export * from "./market/order-book.js";
export * from "./market/packing/capacity.js";
export * from "./market/packing/card-parts.js";
export * from "./market/packing/fragments.js";
export * from "./market/packing/learnt-policy.js";
export * from "./market/packing/machines.js";
export * from "./market/packing/mix.js";
export * from "./market/run-times.js";
export * from "./market/short-jobs.js";
export * from "./market/task-states.js";
export * from "./market/tiers.js";
export * from "./market/why.js";
export * from "./privacy/box-keys.js";
export * from "./privacy/key-release.js";
export * from "./privacy/keys.js";
export type * from "./privacy/primitives.js";
export * from "./privacy/sealed-stream.js";
export * from "./protocol/agent-channel.js";
export * from "./protocol/certificates.js";
export * from "./protocol/federated-view.js";
export * from "./protocol/frames.js";
export * from "./protocol/limits.js";
export * from "./protocol/release-channel.js";
export * from "./protocol/requirements.js";
export * from "./protocol/statements/admin.js";
export * from "./protocol/statements/epoch.js";
export * from "./protocol/statements/identity.js";
export * from "./protocol/statements/money.js";
export * from "./protocol/statements/work.js";
export * from "./protocol/values.js";
export * from "./protocol/version.js";
export * from "./rewards/availability.js";
export * from "./rewards/emission.js";
export * from "./rewards/epoch/build-epoch.js";
export * from "./rewards/epoch/epoch-sums.js";
export * from "./rewards/epoch/lines.js";
export * from "./rewards/epoch/verify-epoch.js";
export * from "./rewards/estimate.js";
export * from "./rewards/parameters.js";
export * from "./rewards/claims-tree.js";
export * from "./shared/base64.js";
export * from "./shared/batch-signature.js";
export type * from "./shared/byte-stream.js";
export * from "./shared/bytes.js";
export * from "./shared/cbor.js";
export * from "./shared/error-codes.js";
export * from "./shared/errors.js";
export * from "./shared/finished.js";
export * from "./shared/growing-tree.js";
export * from "./shared/merkle.js";
export * from "./shared/merkle-accumulator.js";
export * from "./shared/schema.js";
export * from "./shared/signed.js";
export * from "./shared/typebox.js";
export * from "./units/devices.js";
export * from "./units/devices/near.js";
export * from "./units/devices/power.js";
export * from "./units/hours.js";
export * from "./units/money.js";
export * from "./units/rating/challenge-shape.js";
export * from "./units/rating/cpu-kernel.js";
export * from "./units/rating/entries.js";
export * from "./units/rating/gpu/adapter.js";
export * from "./units/rating/gpu/matrix-kernels.js";
export * from "./units/rating/gpu/product-kernel.js";
export * from "./units/rating/gpu/tile.js";
export * from "./units/rating/gpu/traffic-kernels.js";
export * from "./units/rating/product-check.js";
export * from "./units/rating/row-commitment.js";
export * from "./units/rating/slot-speed.js";
export * from "./units/rating/speed-challenge.js";
export * from "./units/scu.js";
export * from "./units/share.js";
export * from "./verification/debt.js";
export * from "./verification/certificate/attestation.js";
export * from "./verification/certificate/certificate-file.js";
export type * from "./verification/certificate/evm-primitives.js";
export * from "./verification/certificate/gather.js";
export * from "./verification/certificate/quorum-certificate.js";
export * from "./verification/certificate/result-statement.js";
export * from "./verification/certificate/revocations.js";
export * from "./verification/certificate/signature.js";
export * from "./verification/certificate/typed-data.js";
export {
  type CertificateDemand,
  type CertificatePrimitives,
  type CertificateRefusal,
  type SignerRefusal,
  type VerifiedSigners,
  verifyQuorumCertificate,
} from "./verification/certificate/verify.js";
export * from "./verification/expected-runs.js";
export * from "./verification/attestation/attested-policy.js";
export * from "./verification/attestation/certificate-table.js";
export * from "./verification/attestation/evidence.js";
export type * from "./verification/attestation/platform.js";
export * from "./verification/attestation/refusals.js";
export * from "./verification/attestation/report.js";
export * from "./verification/attestation/roots.js";
export * from "./verification/attestation/session-binding.js";
export * from "./verification/attestation/tcb.js";
export * from "./verification/attestation/verify-evidence.js";
export * from "./verification/fairness.js";
export * from "./verification/fingerprint.js";
export * from "./verification/holding.js";
export * from "./verification/likeness.js";
export * from "./verification/product.js";
export * from "./verification/product-format.js";
export * from "./verification/rules.js";
export * from "./verification/tolerance.js";
export type { TrustRecord } from "./verification/trust.js";
export * from "./verification/verdict.js";
export * from "./verification/verification.js";
