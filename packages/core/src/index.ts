export * from "./shared/error-codes.js";
export * from "./shared/errors.js";
export * from "./protocol/values.js";
