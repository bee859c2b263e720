import type { DeviceMeasurement } from "./row.js";

/**
 * What devices did in runs of ours, by their names in the table; it replaces the data sheet's figures there. Each entry
 * names a page under docs/measurements that says how it was measured:
 * `["NVIDIA L4", { date: "2027-01-31", page: "docs/measurements/2027-01-31-l4.md", figures: { ... } }]`.
 */
export const deviceMeasurements: ReadonlyMap<string, DeviceMeasurement> = new Map();
