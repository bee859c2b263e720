/** Entry of a process that is an agent. */
import { startAgent } from "@aegis-pool/agent";
import { ownOptions, serveParent } from "./parent.js";

const options = ownOptions<{ pool: string; directory: string; share: string }>();
const agent = await startAgent({ ...options, onEvent: () => undefined });
serveParent("", () => agent.leave());
