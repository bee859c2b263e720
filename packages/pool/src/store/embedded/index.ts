export { type DatabaseConnection } from "./place.js";
export { type EmbeddedPostgres, startEmbeddedPostgres } from "./start.js";
