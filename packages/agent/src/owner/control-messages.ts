import type { PauseReason } from "@aegis-pool/core";

/** What an owner can ask of a running agent. */
export const controlCommands = ["pause", "resume", "status"] as const;
export type ControlCommand = (typeof controlCommands)[number];

/** How a running agent is doing, as it tells its owner. */
export interface AgentStatus {
  readonly pid: number;
  readonly agent: string;
  readonly pool: string;
  readonly connected: boolean;
  readonly share: string;
  /** What holds its sandboxes to that, such as "cgroups v1". */
  readonly heldBy: string;
  /** Why it lends nothing now, and in words what ends that; absent while it lends. */
  readonly paused?: { readonly reason: PauseReason; readonly words: string };
  /** What is in its sandboxes now, stopped or not. */
  readonly running: readonly { readonly number: number; readonly engine: string }[];
  /** Tasks that ran to an end since it started. */
  readonly tasksDone: number;
  /** What is lent at most: percent of one core and bytes for tasks, over all slots. */
  readonly lent: { readonly slots: number; readonly cpuPercent: number; readonly memoryBytes: number };
  /** What the sandboxes use, measured: percent of one core over the last seconds, and resident bytes now. */
  readonly used: { readonly processes: number; readonly cpuPercent: number; readonly residentBytes: number };
}

/** One line of JSON each way. */
export interface ControlRequest {
  readonly command: ControlCommand;
}
export type ControlAnswer = { readonly status: AgentStatus } | { readonly refused: string };

/** Longest request, in characters. */
export const maxRequestChars = 256;

/** The command in a line; undefined where there is none. */
export function readRequest(line: string): ControlCommand | undefined {
  try {
    const { command } = JSON.parse(line) as Partial<ControlRequest>;
    return controlCommands.find((known) => known === command);
  } catch {
    return undefined;
  }
}
