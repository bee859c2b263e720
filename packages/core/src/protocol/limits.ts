/** Bounds that both ends of the protocol enforce. Sizes in bytes, times in milliseconds. */
export const protocolLimits = {
  /** A frame of either channel. */
  frameBytes: 4 * 1024 * 1024,
  /** Messages in one frame. */
  messagesPerFrame: 1_024,
  /** A sealed payload, result or log that travels inside a message instead of as a blob. */
  inlineBytes: 64 * 1024,
  /** Tasks in one submission request; a job may hold more, sent in several. */
  tasksPerSubmission: 1_000,
  tasksPerJob: 1_000_000,
  /** Tasks that begin together. */
  tasksPerGang: 256,
  /** Operators that may be asked to give one answer. */
  mostAgreeing: 7,
  /** Runs of one task by different operators. */
  runsPerTask: 32,
  /** The least part of a graphics card that a task may ask for, in thousandths: no card runs more tasks at once than fit. */
  leastCardPart: 50,
  /** Offers an agent can hold at once, leased but unfinished. */
  leasesPerAgent: 4_096,
  /** A session key's life. */
  sessionMs: 24 * 3_600_000,
  /** How far two parties' clocks may differ. */
  clockSkewMs: 120_000,
  /** A lease waits this long for its key before the agent is freed, without blame. */
  keySilenceMs: 10_000,
  /** An agent keeps a job's sandbox this long after its last task. */
  sandboxIdleMs: 10_000,
} as const;
