export type { AuditInput } from "./input.js";
