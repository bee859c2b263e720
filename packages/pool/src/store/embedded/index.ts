export { type DatabaseConnection } from "./place.js";
export { type EmbeddedPostgres, type EmbeddedPostgresOptions } from "./start.js";
export { startEmbeddedPostgres } from "./start.js";
