export { CoreBench } from "./benchmark/core-bench.js";
export {
  type Component,
  type ComponentName,
  type CoreRating,
  rateCores,
  type RatingProgress,
} from "./benchmark/rate-cores.js";
export * from "./engines/index.js";
export { type LentEngines, openLentEngines } from "./lent-engines.js";
export { type AgentStatus, askAgent, type ControlCommand } from "./owner/index.js";
export { findDeno } from "./sandbox/deno.js";
export { type ProbedPart, probeSandbox } from "./sandbox/probe.js";
export { lentShare } from "./share/lent-share.js";
export { type AgentEvent, type AgentOptions, type RunningAgent, startAgent } from "./start-agent.js";
