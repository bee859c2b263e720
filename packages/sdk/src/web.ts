/** What a web page needs to take part in a federated run; all else here needs Node.js. */
export type { OnRunEvent, RunEvent } from "./federated/events.js";
export { statusOf } from "./federated/observe.js";
export { readPlan } from "./federated/plan.js";
export { type Invitation, readInvitation } from "./federated/run-text.js";
export type { StateStore } from "./federated/state-store.js";
export { type AnyProcedure, takePart } from "./federated/take-part.js";
