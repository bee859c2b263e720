import type { JobCounts } from "../pool-client/answers.js";
import type { CheckVerdict } from "./replicas.js";
import type { Distrust } from "./known-agents.js";
import type { TaskResult } from "./results.js";
import type { SavedJob } from "./saved-job.js";

/** How a job stands, for progress bars. */
export interface JobProgress {
  /** Tasks given to the job, ended, and failed among those that ended. */
  readonly total: number;
  readonly finished: number;
  readonly failed: number;
  /** nAIS charged so far. */
  readonly spent: bigint;
  /** Tasks by state, as the pool last told. */
  readonly counts: JobCounts | undefined;
  /** Agents connected to the pool. */
  readonly agents: number;
  /** In about how many ms the job will be done, by what its first tasks took; undefined while that is unknown. */
  readonly remainingMs: number | undefined;
  /** About how long the task that was matched last takes on its agent, in ms; undefined while that is unknown. */
  readonly taskMs: number | undefined;
}

/** A task that an agent works on from now on. */
export interface TaskMatch {
  /** Which input it is. */
  readonly index: number;
  readonly number: number;
  /** The agent's key in hexadecimal. */
  readonly agent: string;
  /** How long the run is expected to take on this agent, in ms; undefined while nothing like it has run. */
  readonly expectedMs: number | undefined;
}

/** What others have made of a task's result. */
export interface TaskCheck {
  /** Which input it is. */
  readonly index: number;
  readonly number: number;
  /**
   * `wrong`: the result that came is not what the program gives; `unchecked`: the check was given up; `held`: it is taken without a check
   * for now, and `final` when its agent has passed others since (both of `quorum`).
   */
  readonly verdict: CheckVerdict;
  /** You reject more than a fair part of the results that you judge: those rejected here are paid all the same. */
  readonly charged?: true;
}

/** Whom a job tells of what happens, and where large results go; every part is optional. */
export interface JobListener {
  readonly resultsFolder?: string | undefined;
  readonly onProgress?: (progress: JobProgress) => void;
  /** An agent has been given a task and its keys. */
  readonly onMatched?: (match: TaskMatch) => void;
  /** Others have run a task too; what came of it. The result itself has come before. */
  readonly onChecked?: (check: TaskCheck) => void;
  /** A result that was held when it came has turned out wrong: this one is right. */
  readonly onCorrected?: (result: TaskResult<unknown>) => void;
  /** An agent was refused the keys, and why. */
  readonly onDistrust?: (reason: Distrust) => void;
  /** What is needed to go on with the job later; kept before the tasks are sent. */
  readonly onSaved?: (saved: SavedJob) => Promise<void>;
}
