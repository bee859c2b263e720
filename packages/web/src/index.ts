export { AegisError } from "@aegis-pool/core";
export type { RunEvent } from "@aegis-pool/sdk";
export type { NamedFile } from "@aegis-pool/plans";
export { joinRun, type Joining, openRun, type OpenRun, type Outcome } from "./join-run.js";
