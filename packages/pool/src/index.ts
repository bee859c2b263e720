export { type Books, openBooks } from "./open-books.js";
export { openTrading, type Trading } from "./open-trading.js";
export { type PoolOptions, type RunningPool, startPool } from "./start-pool.js";
export type { AgentSession } from "./services/market/live.js";
export { Holdings } from "./services/market/holdings.js";
export { type RatingParts, Ratings } from "./services/ratings/ratings.js";
export { SlotTimes } from "./services/ratings/slot-times.js";
export type { TlsFiles } from "./http/server.js";
