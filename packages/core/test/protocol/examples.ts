import type { Offer, ToAgent, ToPool } from "../../src/protocol/agent-channel.js";
import type { FromReleaser, ToReleaser } from "../../src/protocol/release-channel.js";
import type { Requirements } from "../../src/protocol/requirements.js";
import { counting, filled } from "../fixtures.js";
import { committeeToAgent, committeeToPool } from "./committee-examples.js";

/** One example of every message of both channels. Signatures are fillers: the codec does not verify them. */
const statement = { body: counting(40), signature: filled(0x5a, 64) };
const certificate = {
  body: counting(60),
  operatorSignature: filled(0x01, 64),
  agentSignature: filled(0x02, 64),
  evmSignature: filled(0x03, 64),
};
const lease = { number: 6_007_199_254_740_991, fence: 2 };
const requirements: Requirements = {
  engine: "wasm",
  memoryBytes: 268_435_456,
  timeLimitMs: 600_000,
  outputBytes: 1_048_576,
  gang: { number: 3, size: 8 },
  deterministic: true,
  fuel: 5_000_000_000_000,
  operators: [filled(0x0a)],
  excludedOperators: [filled(0x0b), filled(0x0c)],
};
const attestation = { report: counting(90), certificates: [counting(40), counting(50)] };
const offer: Offer = {
  class: "cpu",
  engines: ["js", "wasm", "onnx"],
  slots: 4,
  memoryBytes: 4_294_967_296,
  speeds: { fp32FlopsPerSecond: 160_000_000_000, memoryBytesPerSecond: 24_000_000_000 },
  floorPrice: "3087",
  share: "cpu=50%,memory=4GiB",
};
const cardOffer: Offer = {
  ...offer,
  class: "webgpu",
  engines: ["webgpu"],
  slots: 1,
  card: { thousandths: 500, memoryBytes: 8_589_934_592 },
  share: "gpu=0:50%",
};

/** Every type of a channel's messages with one of them: a type without an example does not compile. */
type OneOfEach<M extends { readonly type: string }> = {
  readonly [T in M["type"]]: Omit<Extract<M, { type: T }>, "type">;
};

const toPool: OneOfEach<ToPool> = {
  hello: { agent: filled(0x10), nonce: filled(0x11) },
  prove: { proof: statement, certificate, session: statement, offer: cardOffer, held: [lease], attestation },
  capacity: { leases: 8 },
  accept: lease,
  decline: { ...lease, reason: "busy" },
  result: { run: statement, inline: counting(70), log: counting(52) },
  "hand-back": { ...lease, reason: "key-mismatch" },
  "speed-commitment": { id: filled(0x12, 16), root: filled(0x13) },
  "opened-rows": { id: filled(0x12, 16), rows: [{ residues: counting(512), proof: [filled(0x14), filled(0x15)] }] },
  revealed: { ...lease, nonce: filled(0x16), fingerprint: filled(0x17) },
  ...committeeToPool,
  heartbeat: { running: [lease, { number: 1, fence: 1 }] },
};

const toAgent: OneOfEach<ToAgent> = {
  challenge: { pool: filled(0x20), nonce: filled(0x21), proof: statement },
  welcome: { head: statement, heartbeatMs: 10_000, lost: [lease] },
  offer: { ...lease, requirements, maxReward: "123456789012345678" },
  task: { ...lease, manifest: statement, input: counting(80) },
  key: { ...lease, encapsulated: filled(0x22), sealed: counting(150) },
  revoke: { ...lease, reason: "expired" },
  settled: { ...lease, receipt: statement },
  refused: { ...lease, reason: "stale-lease" },
  reveal: { ...lease, own: statement, others: [statement] },
  head: { head: statement },
  "speed-challenge": {
    id: filled(0x12, 16),
    precision: "fp32",
    challenge: { seed: filled(0x23), size: 1_024, blocks: 4, steps: 56 },
  },
  "open-rows": { id: filled(0x12, 16), indices: [0, 17, 4_095] },
  "payout-pending": { address: counting(20), effectiveAt: 1_750_000_000_000 },
  rated: { slotSpeed: 22_600, reason: "proven", expiresAt: 1_750_000_000_000 },
  ...committeeToAgent,
  error: { code: "bad-signature", message: "The proof does not verify." },
};

const toReleaser: OneOfEach<ToReleaser> = {
  agent: { alias: 3, certificate, session: statement, attestation },
  matched: { ...lease, agent: 3, expectedMs: 1_500 },
  finished: {
    sequence: 12,
    number: lease.number,
    run: statement,
    receipt: statement,
    certificate,
    inline: counting(70),
    log: counting(52),
    reason: "time-limit",
  },
  checking: { number: 6_007_199_254_740_991 },
  replicate: { of: 6_007_199_254_740_991, manifest: statement, lesson: true },
  taught: { number: 6_007_199_254_740_991 },
  checked: { number: 6_007_199_254_740_991, verdict: "wrong", right: 77, charged: true },
  judge: { number: 77, runs: [77, 6_007_199_254_740_991], manifest: statement, input: counting(40) },
  progress: {
    counts: { queued: 1, matched: 2, running: 3, completed: 4, failed: 5, cancelled: 6 },
    agents: 7,
    remainingMs: 40_000,
  },
  error: { code: "job-unknown", message: "There is no such job." },
};

const fromReleaser: OneOfEach<FromReleaser> = {
  resume: { after: 11 },
  release: { ...lease, encapsulated: filled(0x22), sealed: counting(150) },
  withhold: { ...lease, reason: "bad-certificate" },
  replica: { of: 6_007_199_254_740_991, manifest: statement },
  "no-replica": { of: 6_007_199_254_740_991 },
  judged: { number: 77, accepted: [6_007_199_254_740_991, 77] },
  cancel: {},
};

/** A message and whom it is for. */
export interface Example {
  readonly to: string;
  readonly message: { readonly type: string };
}

function addressed(to: string, messages: Readonly<Record<string, object>>): Example[] {
  return Object.entries(messages).map(([type, fields]) => ({ to, message: { type, ...fields } }));
}

export const agentChannelExamples = [...addressed("pool", toPool), ...addressed("agent", toAgent)];
export const releaseChannelExamples = [...addressed("releaser", toReleaser), ...addressed("pool", fromReleaser)];
