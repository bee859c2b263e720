export { assetsOf } from "./assets.js";
export type {
  EngineLimits,
  EngineName,
  Engines,
  FailureReason,
  MissingEngine,
  OfferedEngine,
  Program,
  RunOutcome,
  Runtime,
} from "./engine.js";
export { engineVersions } from "./versions.js";
export { createEngines, type EnginesOptions } from "./engines.js";
