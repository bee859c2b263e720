/*
 * TypeBox for the packages above, out of core's one file: to open its 700 modules takes longer than anything else that a command does.
 */
export { type Static, type TSchema, Type } from "typebox";
export { Check } from "typebox/value";
