import type {
  AgentCertificate,
  AttestationEvidence,
  Offer,
  Progress,
  ProvenMachine,
  Requirements,
  Signed,
  TaskGroup,
  Static,
  TaskPosition,
  ToAgent,
  ToReleaser,
} from "@aegis-pool/core";

/** What the pool keeps in memory about work that is not over. The database holds the truth; this is rebuilt from it at start. */
export interface LiveTask {
  readonly number: number;
  readonly job: LiveJob;
  readonly group: LiveGroup;
  /** The number of the task's first run, where this one checks it. */
  readonly replicaOf: number | undefined;
  readonly age: number;
  /** SHA-256 of the signed manifest's body. */
  readonly manifestHash: Uint8Array;
  /** The commitment to its keys, which all runs of a task share. */
  readonly keys: Uint8Array;
  /** SHA-256 of the sealed input. */
  readonly input: Uint8Array;
  readonly maxWork: number;
  position: TaskPosition;
  /** Among which tasks the market sees it wait; undefined while it does not. */
  waitsIn: TaskGroup | undefined;
  lease: LiveLease | undefined;
  /** Leases that were lost while the task ran. */
  losses: number;
  /** The last write about this task: the next one waits for it, since a batch must hold one write per task. */
  lastWrite: Promise<unknown>;
}

/** Who works on a task now, and until when. */
export interface LiveLease {
  /** The agent's Ed25519 key in hexadecimal. */
  readonly agent: string;
  /** nAIS per SCU-second. */
  readonly price: bigint;
  /** µSCU. */
  readonly speed: number;
  /** When the task's key was handed over, ms since 1970; undefined before. */
  releasedAt: number | undefined;
  /** Whether a sandbox has to be started for it, as far as the pool can tell; undefined before the agent accepts. */
  fresh: boolean | undefined;
  /** How long its run is expected to take, in ms, once it is accepted; undefined while nothing like it has run. */
  expectedMs: number | undefined;
  /** When the lease ends unless something happens, ms since 1970. */
  deadline: number;
  /** The task as the agent will get it, from the commit of the lease until the agent accepts. */
  unsent: ToAgent | undefined;
}

/** Tasks of one job that are alike to the market. */
export interface LiveGroup {
  /** Requirements, price and shared input in one text, its key in the job. */
  readonly shape: string;
  readonly requirements: Requirements;
  /** The same, as the market reads it. */
  readonly terms: TaskGroup;
  /** The same while only bonded operators' agents may take them. */
  readonly forBonded: TaskGroup;
  /** Those that begin together; undefined where each begins by itself. */
  readonly gang: LiveGang | undefined;
  /** Tasks of the group that are not over; the group goes with the last. */
  tasks: number;
}

/** Tasks of one job that begin together, each on an agent of its own. */
export interface LiveGang {
  readonly size: number;
  /** Those that are not over. */
  readonly members: Set<LiveTask>;
  /** A member's key has been released: whatever is lost from then on begins again by itself. */
  hasBegun: boolean;
  /** As the market reads members that begin by themselves. */
  readonly alone: TaskGroup;
}

/** A job with tasks that are not over, or with a releaser connected. */
export interface LiveJob {
  /** The job's Ed25519 key in hexadecimal. */
  readonly id: string;
  readonly key: Uint8Array;
  readonly groups: Map<string, LiveGroup>;
  readonly tasks: Map<number, LiveTask>;
  readonly counts: Counts;
  /** The sequence number of the last task that finished. */
  sequence: number;
  releaser: Releaser | undefined;
  /** Not matched before this time, ms since 1970: the releaser has been silent. */
  pausedUntil: number;
  /** How long the last pause was, in ms; doubles at each silence, back to 0 at a release. */
  pauseMs: number;
  /** Connections, submissions and outcomes under way, for which the job stays on the board. */
  holds: number;
  /** Agents, by key, that the releaser has refused: not offered the job's tasks again under the same session. */
  readonly refused: Set<string>;
}

export type Counts = { -readonly [K in keyof Static<typeof Progress>]: number };

/** A connected releaser, as the market sees it. */
export interface Releaser {
  close(reason: string): void;
  send(message: ToReleaser): void;
  /** Says how the job stands, soon. */
  tellProgress(): void;
  /** Introduces the agent once, and names it briefly from then on. */
  aliasOf(session: AgentSession): number;
}

/** A confidential VM's evidence, which its requesters verify themselves, and what the pool has made of it. */
export interface AttestedAgent {
  readonly evidence: AttestationEvidence;
  readonly proven: ProvenMachine;
}

/** A connected agent, as the market sees it. */
export interface AgentSession {
  /** The agent's Ed25519 key, and in hexadecimal. */
  readonly key: Uint8Array;
  readonly id: string;
  readonly operatorKey: Uint8Array;
  readonly certificate: AgentCertificate;
  /** The signed statement of its session key. */
  readonly session: Signed;
  readonly offer: Offer;
  /** Of a confidential VM: what it has shown, and what that proves. */
  readonly attested: AttestedAgent | undefined;
  /** How many leases it would hold at once now. */
  wanted: number;
  /** What one slot counts for, in µSCU; 0: it gets no work until a speed is proven. */
  slotSpeed: number;
  /** What a slot has proven, in µSCU, whatever real work has made of it since; 0: nothing. */
  provenSpeed: number;
  /** It is proving its speed, or about to: nothing else is to run there. */
  challenged: boolean;
  /** Time to the agent and back, in ms; 0 where it does not answer. */
  roundTripMs(): Promise<number>;
  send(message: ToAgent): void;
  close(reason: string): void;
}
