export { askAgent } from "./control-client.js";
export type { AgentStatus, ControlCommand } from "./control-messages.js";
export { type Control, openControl } from "./control-server.js";
export { supervise } from "./supervise.js";
export { lendingTerms } from "./terms.js";
