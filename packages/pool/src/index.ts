export { type PoolOptions, type RunningPool, startPool } from "./start-pool.js";
export type { TlsFiles } from "./http/server.js";
