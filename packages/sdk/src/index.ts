export { Account, type AccountKind, type AttendanceLine, type CheckLine, type StatementLine } from "./account.js";
export { type ActionSeen, type AgentSeen, type JobSeen, PoolAdmin, type PoolRules, type PoolStatus } from "./admin.js";
export type { Earning, LeaseEnd, OwnTask } from "./earnings.js";
export { cancelRun, type CreatedRun, createRun, type NewRunOptions, startRun } from "./federated/create-run.js";
export type { OnRunEvent, RunEvent } from "./federated/events.js";
export { type ObservationOptions, observe, type RunStatus, statusOf } from "./federated/observe.js";
export { participate, type ParticipationOptions } from "./federated/participate.js";
export { readPlan, type RunPlan, writePlan } from "./federated/plan.js";
export { openInvitation, openOwnedRun, openReference, saveInvitation, saveOwnedRun } from "./federated/run-files.js";
export type { Invitation, OwnedRun, RunReference } from "./federated/run-text.js";
export type { AnyProcedure } from "./federated/take-part.js";
export { openAccountKey } from "./account-key.js";
export { claimsOfFile, downloadClaims, type EpochClaims } from "./claims.js";
export { splitCommand } from "./federated/trainer/command.js";
export type { TrainerMetrics } from "./federated/trainer/metrics.js";
export type { RoundTerms } from "./federated/trainer/round-folder.js";
export { outsideTrainer, type OutsideTrainerOptions } from "./federated/trainer/outside-trainer.js";
export {
  measureByTrainer,
  runTrainer,
  type Trainer,
  type TrainerResult,
  type TrainerRound,
} from "./federated/trainer/trainer.js";
export { formatEvmAddress, parseEvmAddress } from "./evm-address.js";
export { downloadEpoch, type EpochListed, listEpochs, verifyEpochFile } from "./epochs.js";
export type { Bond, BondNotice, OperatorTier, Standing } from "./bond.js";
export { type Payout, readAddress } from "./payout.js";
export { type ContractCall, contractCall } from "./certificate/contract-call.js";
export {
  type PoolSigner,
  type PoolSigners,
  readPoolSigners,
  revokedAgents,
  signersOf,
} from "./certificate/pool-signers.js";
export { gatherQuorum, readQuorumFile, saveQuorum, type VerifiedQuorum, verifyQuorum } from "./certificate/quorum.js";
export type { QuorumRefusal } from "./certificate/refusals.js";
export { exportJobSecret, importJobSecret, type JobSecret } from "./job/job-secret.js";
export { Job } from "./job/job.js";
export type { JobListener, JobProgress, TaskCheck, TaskMatch } from "./job/job-listener.js";
export type { Distrust } from "./job/known-agents.js";
export { type ReceiptBundle, type VerifiedReceipt, verifyReceipt } from "./job/receipts.js";
export type { TaskFailure, TaskResult, TaskSuccess } from "./job/results.js";
export type { DisputeOutcome } from "./job/dispute.js";
export type { Standing as ResultStanding } from "./job/standings.js";
export { parseSavedJob, type SavedJob } from "./job/saved-job.js";
export type { AttestedOption, JudgedOption, QuorumOption, VerifyOption } from "./verify-option.js";
export { type PoolSettlement, settlementIfAny, settlementOf } from "./settlement.js";
export { LocalFile } from "./local-file.js";
export type { JobOptions } from "./options.js";
export { type IntegerMatrix, productInput, readProduct } from "@aegis-pool/core";
export type { AgentRating, ClassBook, JobCounts, PoolDescription, WaitingTasks } from "./pool-client/answers.js";
export { PoolClient } from "./pool-client/pool-client.js";
export { type ConnectOptions, type Estimate, Pool } from "./pool.js";
export {
  functionProgram,
  jsProgram,
  onnxProgram,
  type Program,
  type StandaloneFunction,
  wasmProgram,
  webgpuProgram,
} from "./program.js";
