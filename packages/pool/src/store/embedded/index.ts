export { type DatabaseConnection, type EmbeddedPostgres, type EmbeddedPostgresOptions } from "./start.js";
export { startEmbeddedPostgres } from "./start.js";
